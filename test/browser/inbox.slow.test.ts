import assert from 'node:assert/strict';
import { assertAccessible, assertFits } from '../support/browser/accessibility.ts';
import { testsInChromium } from '../support/browser/console-browser.ts';
import { publish, publishedEvent } from '../support/service/published-events.ts';

/** A body that would be markup if anything took it for more than text. */
const HOSTILE = `<img src=x onerror="document.title='hacked'">\u{202e}`;

const test = testsInChromium();

test('an inbox gets a webhook in one click, shows what arrives with its signature, and lets retries be seen', async (browser) => {
  const { client } = await browser.test.newAccount();
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.getByRole('link', { name: 'Inbox', exact: true }).click();
  await page.getByRole('button', { name: 'New inbox' }).click();
  await page.getByRole('button', { name: 'Make a webhook with this URL' }).click();
  await page.getByRole('button', { name: 'Send a sample event' }).click();
  const first = page.locator('summary').filter({ hasText: 'Request 1' });
  await first.filter({ hasText: 'Signature valid' }).waitFor();
  await first.press('Enter');
  await page.getByText('The signature is that of the webhook Inbox for this body.').waitFor();

  await page.getByRole('button', { name: /^Recovers/ }).press('Enter');
  await page.getByText('The next 2 requests are answered 503 at once.').waitFor();
  const { webhooks } = (await client.expect(200, 'GET', '/webhooks')).data;
  await client.expect(200, 'PATCH', `/webhooks/${webhooks[0].id}`, { retry_schedule: [0, 0, 0] });
  await publish(browser.test.operator, [publishedEvent(client, 'holiday', 1)]);
  await page
    .locator('summary')
    .filter({ hasText: 'Request 4 · Attempt 3' })
    .filter({ hasText: '200' })
    .waitFor();
  await page.getByText('Each request is answered 200 at once.').waitFor();
  await page.assertNoProblems();
});

test('an inbox says which step of the check failed, shows hostile bodies as text, and answers as it is told', async (browser) => {
  const { client } = await browser.test.newAccount();
  const { inbox } = (await client.expect(201, 'POST', '/inboxes')).data;
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.open(`/inboxes/${inbox.id}`);
  await page.getByText('Another answer').click();
  await page.getByLabel('Status').fill('99');
  await page.getByRole('button', { name: 'Answer like this' }).click();
  await page.getByText('Enter a status from 200 to 599.').waitFor();
  await page.getByLabel('Status').fill('418');
  await page.getByLabel('Number of requests').fill('1');
  await page.getByRole('button', { name: 'Answer like this' }).click();
  await page.getByText('The next request is answered 418 at once.').waitFor();
  const send = () =>
    fetch(inbox.url, { method: 'POST', headers: { 'x-evil': HOSTILE.slice(0, -1) }, body: HOSTILE });
  const statuses = [(await send()).status, (await send()).status];
  assert.deepEqual(statuses, [418, 200]);
  await page.locator('summary').filter({ hasText: 'Request 1' }).filter({ hasText: '418' }).click();
  await page.getByText('The request has no header webhook-id').waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 740 });
      await page.open(`/inboxes/${inbox.id}`);
      await page.locator('summary').filter({ hasText: 'Request 1' }).click();
      await page.getByText('The request has no header webhook-id').waitFor();
      await assertAccessible(page, `inbox, ${width}, ${colorScheme}`);
      await assertFits(page, `inbox, ${width}, ${colorScheme}`);
    }
  }
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete the inbox' }).click();
  await page.getByRole('heading', { name: 'Try a webhook without a server' }).waitFor();
  await page.assertNoProblems();
});
