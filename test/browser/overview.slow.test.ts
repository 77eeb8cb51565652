import { assertAccessible, assertFits } from '../support/browser/accessibility.ts';
import { testsInChromium } from '../support/browser/console-browser.ts';
import { Receiver } from '../support/receivers/receiver.ts';
import { ALL_EVENTS } from '../support/service/api-client.ts';
import { publish, publishedEvent } from '../support/service/published-events.ts';

const test = testsInChromium();

test('a new account is led to its first delivery', async (browser) => {
  const { client } = await browser.test.newAccount();
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.waitForURL(/\/overview$/);
  await page.getByRole('heading', { name: 'Three steps to the first delivery' }).waitFor();
  await assertAccessible(page, 'first steps');
  await page.getByRole('link', { name: 'Or try it without a server' }).click();
  await page.getByRole('heading', { name: 'Try a webhook without a server' }).waitFor();
  await page.assertNoProblems();
});

test('the start page says what fails, what is paused, what waits, and what was delivered last', async (browser, t) => {
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  receiver.answer((_, response) => void response.writeHead(500).end());
  const { client } = await browser.test.newAccount();
  await client.createWebhook(receiver.url, { ...ALL_EVENTS, name: 'Search index', retry_schedule: [] });
  const paused = await client.createWebhook(receiver.url, { ...ALL_EVENTS, name: 'Staging' });
  await client.expect(200, 'POST', `/webhooks/${paused.id}/pause`);
  await publish(browser.test.operator, [publishedEvent(client, 'holiday', 1)]);
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.getByText('Every attempt fails.').waitFor();
  await page.getByText('Paused. Deliveries wait until you resume it.').waitFor();
  await page.getByText('The receiver answered 500').waitFor();
  await page.getByRole('cell', { name: 'Search index' }).waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 740 });
      await page.open('/overview');
      await page.getByRole('cell', { name: 'Failed' }).waitFor();
      await assertAccessible(page, `overview, ${width}, ${colorScheme}`);
      await assertFits(page, `overview, ${width}, ${colorScheme}`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('link', { name: /^Failed in 24 hours\s*1$/ }).click();
  await page.waitForURL(/state=failed/);
  await page.getByText('In the last 24 hours').first().waitFor({ state: 'attached' });
  await page.assertNoProblems();
});
