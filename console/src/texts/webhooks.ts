/** Texts of the list of webhooks and of the page of one webhook. */
export const webhookTexts = {
  title: 'Webhooks',
  description:
    'URLs that are told what happens to your media: signed, in order, and again until they answer.',
  create: 'New webhook',
  search: 'Search by name',
  webhook: 'Webhook',
  state: 'State',
  events: 'Events',
  lastDay: 'Last 24 hours',
  lastTriggered: 'Last attempt',
  allEvents: 'All events',
  eventCount: (count: number) => (count === 1 ? '1 event' : `${count} events`),
  rate: (percent: string) => `${percent} accepted`,
  noAttempts: 'No attempts',
  bars: (acknowledged: number, attempts: number) =>
    `In the last 24 hours, the receiver accepted ${acknowledged} of ${attempts} requests.`,
  page: (from: number, to: number, total: number) => `${from} to ${to} of ${total}`,
  previous: 'Previous',
  next: 'Next',
  emptyTitle: 'You have no webhooks yet',
  emptyHint:
    'A webhook is a URL of yours that gets a request for each event. Create one, and send it a sample event at once.',
  nothingFoundTitle: 'No webhook has this name',
  nothingFoundHint: (search: string) => `Nothing contains “${search}”. Try fewer letters.`,

  states: {
    sending: 'Sending',
    paused: 'Paused',
    failing: 'Failing',
    silent: 'No answer',
    idle: 'No attempts yet',
  },
  notes: {
    owner: {
      title: 'This webhook is paused',
      text: 'Deliveries queue, and nothing is sent. After you resume it, they are sent in order.',
    },
    gone: {
      title: 'Paused, because the receiver answered 410 Gone',
      text: 'The receiver said that this URL will not come back. Change the URL, or resume the webhook if the receiver answers again.',
    },
    failing: {
      title: 'Paused, because every attempt failed for days',
      text: 'Mend the receiver, check it below, and resume the webhook. Deliveries that had failed before can be sent again.',
    },
    circuit: {
      title: 'The receiver does not answer',
      text: 'Ten attempts in a row got no answer. Deliveries wait and use up no attempts; one at a time is sent as a probe until the receiver answers.',
      probe: 'Next probe:',
    },
    failingNow: {
      title: 'Every attempt has failed since',
      text: 'If this goes on for days, the service pauses the webhook.',
      action: 'See what failed',
    },
    lastError: 'Last error:',
  },

  pause: 'Pause',
  resume: 'Resume',
  edit: 'Edit',
  remove: 'Delete',
  moreActions: 'More actions',
  paused: 'The webhook is paused. Deliveries queue until you resume it.',
  resumed: 'The webhook is resumed. Queued deliveries are sent in order.',
  removed: 'The webhook was deleted.',
  removeTitle: (name: string) => `Delete “${name}”?`,
  removeText: [
    'Deliveries that have not ended are cancelled, and never sent.',
    'The signing secret is lost. A new webhook has a new one.',
    'Deliveries that have ended stay in the list, but can’t be sent again.',
  ],
  removeInstead: 'To stop for a while and lose nothing, pause it instead.',
  removeAction: 'Delete the webhook',

  tabs: { overview: 'Overview', signing: 'Signing', checks: 'Checks' },
  tabList: 'Parts of the webhook',
  settings: 'Settings',
  url: 'URL',
  id: 'Id',
  created: 'Created',
  changed: 'Changed',
  maxInFlight: 'Requests at once',
  maxInFlightDefault: 'As many as the service allows (10)',
  headers: 'Headers of your own',
  noHeaders: 'None',
  headersHidden: 'Their values are stored encrypted and never shown.',
  retries: 'Retries',
  deliveries: 'Deliveries',
  copyUrl: 'Copy the URL',
  copyId: 'Copy the id',
};

/** Texts about retry schedules. */
export const retryTexts = {
  label: 'Attempts of a delivery that fails each time',
  first: 'at once',
  after: (delay: string) => `+ ${delay}`,
  attempt: (number: number) => `Attempt ${number}`,
  summary: (attempts: number, total: string) =>
    attempts === 1
      ? 'One attempt. If it fails, the delivery has failed, and can be sent again by hand.'
      : `At most ${attempts} attempts within ${total}. Then the delivery has failed, and can be sent again by hand.`,
  kinds: {
    default: {
      name: 'Default',
      hint: 'The schedule of this service. Unless its operator has changed it: three retries, 3 seconds apart.',
    },
    exponential: {
      name: 'Patient',
      hint: 'The schedule of Standard Webhooks: nine retries over three days. Waits as long as a receiver asks with Retry-After.',
    },
    custom: { name: 'Custom', hint: 'Up to 20 retries with the delays that you choose.' },
  },
  random:
    'Each delay is up to a tenth longer, at random, so that deliveries that failed together are not retried together.',
};
