import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(process.env.WEBHOOK_SECRET);

/** Returns the status for a message: 204 if its signature is good, otherwise 400. */
export function statusOf(body, headers) {
  try {
    webhook.verify(body, headers);
    return 204;
  } catch {
    return 400;
  }
}
