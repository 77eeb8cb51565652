/** Texts of the start page. */
export const overviewTexts = {
  title: 'Overview',
  description: 'What needs you, and what was delivered last.',
  numbers: 'Numbers',
  webhooks: 'Webhooks',
  failing: 'Failing',
  paused: 'Paused',
  waiting: 'Deliveries that wait',
  failed: 'Failed in 24 hours',
  ofNewest: (count: number) => `of the ${count} newest`,
  atLeast: (count: number) => (count === 0 ? 'None lately' : `${count}+`),

  attention: 'Needs your attention',
  attentionHint: 'Webhooks whose deliveries do not arrive, the longest first.',
  fine: 'Every webhook that was tried gets its deliveries.',
  since: 'Began',
  more: (count: number) => `${count} more`,
  reasons: {
    silent: 'The receiver does not answer.',
    failing: 'Every attempt fails.',
    paused: 'Paused. Deliveries wait until you resume it.',
  },

  latest: 'Latest deliveries',
  allDeliveries: 'All deliveries',
  noneYet: 'Nothing was delivered yet. Upload a media, or send a sample event from the page of a webhook.',
  columns: { event: 'Event', webhook: 'Webhook', state: 'State', created: 'Created' },

  begin: {
    title: 'Three steps to the first delivery',
    webhook: {
      title: 'Create a webhook',
      hint: 'A URL of your server that gets a signed request for each event.',
    },
    inbox: {
      title: 'Or try it without a server',
      hint: 'An inbox is a URL of this service that shows what arrives.',
    },
    verify: {
      title: 'Verify the signature',
      hint: 'The page of the webhook has the code for Node, Python, Go and PHP, and sends a sample event.',
    },
    upload: {
      title: 'Upload a media',
      hint: 'With an API key, from your program. Each quality that is ready is an event.',
    },
    createWebhook: 'New webhook',
    openInbox: 'Make an inbox',
    keys: 'API keys',
  },
};
