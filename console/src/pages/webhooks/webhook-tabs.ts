/** Tabs of the page of one webhook. */
export const WEBHOOK_TABS = ['overview', 'signing', 'checks'] as const;
export type WebhookTab = (typeof WEBHOOK_TABS)[number];
