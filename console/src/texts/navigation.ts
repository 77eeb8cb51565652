/** Names of the pages, as the navigation and the pages' own titles show them. */
export const navigationTexts = {
  overview: 'Overview',
  webhooks: 'Webhooks',
  deliveries: 'Deliveries',
  inboxes: 'Inbox',
  account: 'Account',
  service: 'Service',
  accounts: 'Accounts',
  audit: 'Audit log',
  media: 'Media',
};
