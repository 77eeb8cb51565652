/** Names of the pages, as the navigation and the pages' own titles show them. */
export const navigationTexts = {
  webhooks: 'Webhooks',
  deliveries: 'Deliveries',
  account: 'Account',
  accounts: 'Accounts',
  audit: 'Audit log',
};
