import type { Behaviour, InboxRequest } from '../queries/inboxes.ts';

/** Texts of inboxes, the built-in receivers. */
export const inboxTexts = {
  title: 'Inbox',
  description:
    'URLs that receive webhooks and show what arrives, so that you can try everything without a server.',
  create: 'New inbox',
  made: 'The inbox is ready. Make a webhook with its URL, and send it something.',
  emptyTitle: 'Try a webhook without a server',
  emptyHint:
    'An inbox is a URL of this service that shows each request, checks its signature step by step, and fails when you tell it to, so that you see the retries. It lasts a day.',
  offTitle: 'Inboxes are turned off',
  offHint: 'The operator of this service has turned them off. Send your webhooks to a server of your own.',
  url: 'URL',
  received: 'Requests',
  expires: 'Expires',
  behaviour: 'Answers',
  open: 'Open the inbox',
  copyUrl: 'Copy the URL',
  back: 'Inboxes',
  remove: 'Delete',
  moreActions: 'More actions',
  removeTitle: 'Delete this inbox?',
  removeText:
    'What has arrived is lost, and the URL never works again. Deliveries of webhooks that send to it fail from then on.',
  removeAction: 'Delete the inbox',
  removed: 'The inbox was deleted.',
  live: 'Live',
  notLive: 'Reconnecting…',

  webhook: {
    title: 'Address',
    description: 'Only requests of webhooks of your account can be checked, because their keys are known.',
    make: 'Make a webhook with this URL',
    name: 'Inbox',
    made: 'The webhook is ready. Send it a sample event.',
    sends: 'A webhook sends to this inbox:',
    none: 'No webhook sends to this inbox yet.',
    event: 'Event',
    send: 'Send a sample event',
    sent: 'The sample event was sent, and the inbox has answered 2xx.',
    media: 'Or upload a media: the webhook gets each event that it wants.',
  },

  answers: {
    title: 'How it answers',
    description:
      'Let it fail, and watch the retries of the webhook, its circuit, and what the deliveries say.',
    presets: 'Ways to answer',
    preset: {
      good: { name: 'OK', hint: '200 at once' },
      failing: { name: 'Fails', hint: '500 each time' },
      recovers: { name: 'Recovers', hint: '503 twice, then 200' },
      gone: { name: 'Is gone', hint: '410: the webhook is paused' },
      slow: { name: 'Is slow', hint: '200 after 20 s' },
      reset: { name: 'Resets', hint: 'The connection breaks' },
    },
    own: 'Another answer',
    action: 'Action',
    actions: { answer: 'Answer', slow_body: 'Answer with a slow body', reset: 'Reset the connection' },
    status: 'Status',
    delay: 'Delay in seconds',
    times: 'Number of requests',
    timesHint: 'Empty: all. Otherwise, later requests are answered 200.',
    statusProblem: 'Enter a status from 200 to 599.',
    delayProblem: 'Enter 0 to 30 seconds.',
    timesProblem: 'Enter a whole number from 1 to 1000, or nothing.',
    apply: 'Answer like this',
    now: 'Now:',
    inWords: ({ action, status, delay_ms: delay, times }: Behaviour): string => {
      if (times === 0) return 'Each request is answered 200 at once.';
      const which =
        times === null ? 'Each request' : times === 1 ? 'The next request' : `The next ${times} requests`;
      const verb = times === null || times === 1 ? 'is' : 'are';
      const then = times === null ? '' : ' Then each one is answered 200.';
      return `${which} ${verb} ${deed(action, status, delay)}.${then}`;
    },
  },

  requests: {
    title: 'What has arrived',
    shown: (shown: number, all: number) =>
      shown < all ? `The newest ${shown} of ${all} requests` : all === 1 ? '1 request' : `${all} requests`,
    emptyTitle: 'Nothing has arrived yet',
    emptyHint: 'This list is live: a request appears here as soon as it arrives.',
    signed: 'Signature valid',
    unsigned: 'Signature not valid',
    attempt: (number: number) => `Attempt ${number}`,
    answered: ({ action, status, delay_ms: delay }: InboxRequest['answer']) =>
      action === 'reset'
        ? 'Reset'
        : action === 'slow_body'
          ? `${status}, slow body`
          : delay > 0
            ? `${status}, delayed`
            : `${status}`,
    answer: 'Answer',
    number: (number: number) => `Request ${number}`,
    noEvent: 'Not an event',
    signature: 'Signature',
    headers: 'Headers',
    body: 'Body',
    emptyBody: 'The request had no body.',
    cut: (bytes: number) => `The first 64 KiB of ${bytes} bytes are kept.`,
    outcomes: { passed: 'Passed', failed: 'Failed', skipped: 'Skipped' },
    steps: {
      headers: 'Headers',
      timestamp: 'Time',
      format: 'Form of the signature',
      webhook: 'Key',
      signature: 'Signature',
    },
  },
};

function deed(action: Behaviour['action'], status: number, delayMs: number): string {
  const seconds = Number((delayMs / 1000).toFixed(1));
  const after = delayMs > 0 ? ` after ${seconds} s` : ' at once';
  if (action === 'reset') return `cut off by a reset of the connection${after}`;
  if (action === 'slow_body') return `answered ${status} with a body that takes ${seconds} s`;
  return `answered ${status}${after}`;
}
