/** Texts of the pages about webhooks. */
export const webhookTexts = {
  title: 'Webhooks',
  description: 'URLs that are told what happens to your media.',
  name: 'Name',
  url: 'URL',
  state: 'State',
  sending: 'Sending',
  paused: 'Paused',
  emptyTitle: 'You have no webhooks yet',
  emptyHint: 'A webhook sends each event to a URL of yours, signed and in order.',
};
