import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually } from '../../src/platform/testing/eventually.ts';
import { type ConsoleBrowser, testsInChromium } from '../support/browser/console-browser.ts';
import { Receiver } from '../support/receivers/receiver.ts';
import type { ApiClient } from '../support/service/api-client.ts';

const run = promisify(execFile);
const test = testsInChromium();
const HOSTILE = `<script>alert(1)</script> "'\` $(id) & ü`;

let events = 0;

/** Publishes events of media of an account. Each media has one event. */
async function publish(browser: ConsoleBrowser, client: ApiClient, media: readonly string[]): Promise<void> {
  const { userId } = client.credentials;
  const list = media.map((media_id) => {
    events += 1;
    return { event_id: `event-${events}`, type: 'file.received', media_id, title: HOSTILE, user_id: userId };
  });
  assert.equal((await browser.test.operator.call('POST', '/events', list)).status, 202);
}

async function untilEnded(
  client: ApiClient,
  count: number,
): Promise<{ id: string; webhook_id: string; state: string }[]> {
  return eventually('the deliveries have ended', async () => {
    const { deliveries } = (await client.expect(200, 'GET', '/deliveries?limit=100')).data;
    const ended = deliveries.filter(({ state }: { state: string }) => state !== 'pending');
    return ended.length >= count && deliveries;
  });
}

test('a failed delivery says what likely went wrong, is sent again, and its commands make the same request', async (browser, t) => {
  let status = 500;
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  receiver.answer((_request, response) => void response.writeHead(status).end('{"error":"locked"}'));
  const { client } = await browser.test.newAccount();
  const { id, secret } = await client.createWebhook(receiver.url, {
    name: 'Billing',
    file_received: true,
    retry_schedule: [0.1],
    headers: { 'X-Own': 'value' },
  });
  receiver.trust(secret);
  await publish(browser, client, ['media-1']);
  await untilEnded(client, 1);
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.open(`/deliveries?webhook=${id}`);
  await page.getByRole('link', { name: 'File received' }).click();
  const panel = page.getByRole('dialog');
  await panel.getByText('The receiver’s own code failed').waitFor();
  await panel.getByText('Look into its log at the time of the attempt').waitFor();
  await panel.getByText('Attempt 2').waitFor();
  await panel.getByText('{"error":"locked"}').first().waitFor();
  await panel.getByRole('tab', { name: 'Payload' }).click();
  assert.equal(await panel.getByText('<script>alert(1)</script>').count(), 1);
  await panel.getByRole('tab', { name: 'Reproduce' }).click();
  const commands = await panel.locator('pre').textContent();

  status = 204;
  const before = receiver.received.length;
  await run('sh', ['-c', commands ?? ''], {
    env: { ...process.env, WEBHOOK_SECRET: secret, X_OWN: 'value' },
  });
  const [first, last] = [receiver.received[0], receiver.received.at(-1)];
  assert.equal(receiver.received.length, before + 1);
  assert.deepEqual([last?.id, last?.body, last?.verified], [first?.id, first?.body, true]);
  assert.equal(last?.headers['x-own'], 'value');

  await page.getByRole('button', { name: 'Send this delivery again' }).click();
  await panel.getByText('The receiver acknowledged it with a 2xx answer.').waitFor();
  await panel.getByRole('button', { name: 'Close' }).click();
  await page.waitForURL(/\/deliveries\?webhook=/);
  await page.assertNoProblems();
});

test('new deliveries appear by themselves, filters are kept in the address, and an id is found', async (browser, t) => {
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  receiver.answer(
    ({ event }, response) => void response.writeHead(event.media_id === 'bad' ? 404 : 200).end(),
  );
  const { client } = await browser.test.newAccount();
  await client.createWebhook(receiver.url, { name: 'Live', file_received: true, retry_schedule: [] });
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.open('/deliveries');
  await page.getByText('No deliveries yet').waitFor();
  await page.getByText('Live', { exact: true }).first().waitFor();
  await publish(browser, client, ['good', 'bad']);
  await page.getByRole('cell', { name: 'Delivered' }).waitFor();
  await page.getByRole('cell', { name: /404/ }).waitFor();

  await page.getByLabel('State').selectOption({ label: 'Failed' });
  await page.waitForURL(/\/deliveries\?state=failed$/);
  await page.getByRole('cell', { name: 'Delivered' }).waitFor({ state: 'hidden' });
  await page.reload();
  await page.getByText('There is nothing at this path').waitFor();
  await page.getByLabel('Created').selectOption({ label: 'In the last hour' });
  await page.waitForURL(/time=hour/);
  await page.getByText('There is nothing at this path').waitFor();
  await page.getByRole('button', { name: 'Clear the filters' }).click();

  await page.getByLabel('Media or delivery').fill('good');
  await page.keyboard.press('Enter');
  await page.waitForURL(/media=good/);
  await page.getByText('There is nothing at this path').waitFor({ state: 'hidden' });
  const [delivery] = (await client.expect(200, 'GET', '/deliveries?state=failed')).data.deliveries;
  await page.getByLabel('Media or delivery').fill(delivery.id);
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(delivery.id));
  await page.getByRole('dialog').getByText('There is nothing at this path').waitFor();
  await page.assertNoProblems();
});

test('a selection, and all that failed since a time, are sent again with progress', async (browser, t) => {
  let status = 503;
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  receiver.answer((_request, response) => void response.writeHead(status).end());
  const { client } = await browser.test.newAccount();
  await client.createWebhook(receiver.url, { name: 'Down', file_received: true, retry_schedule: [] });
  const media = Array.from({ length: 40 }, (_, number) => `media-${number}`);
  await publish(browser, client, media);
  await untilEnded(client, media.length);
  status = 200;
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.open('/deliveries');
  await page.getByRole('checkbox').nth(0).check();
  await page.getByRole('checkbox').nth(1).check();
  await page.getByRole('button', { name: 'Send 2 again' }).click();
  await page.getByText('2 deliveries will be sent again.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('cell', { name: 'Delivered' }).nth(1).waitFor();

  await page.getByRole('button', { name: 'Resend failed' }).click();
  await page.getByRole('button', { name: 'Send again' }).click();
  await page.getByText('38 deliveries queued').waitFor();
  await page.getByRole('dialog').getByText('Done').waitFor();
  await page.keyboard.press('Escape');
  const deliveries = await untilEnded(client, media.length);
  assert.deepEqual(new Set(deliveries.map(({ state }) => state)), new Set(['succeeded']));
  await page.assertNoProblems();
});

test('a long list draws only what is seen, and reaches its end', async (browser, t) => {
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  const { client } = await browser.test.newAccount();
  await client.createWebhook(receiver.url, { name: 'Many', file_received: true });
  for (let hundred = 0; hundred < 6; hundred += 1)
    await publish(
      browser,
      client,
      Array.from({ length: 100 }, (_, number) => `media-${hundred}-${number}`),
    );
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.open('/deliveries');
  await page.getByRole('row').nth(5).waitFor();
  await page.evaluate(`new Promise((resolve) => {
    const step = () => {
      window.scrollBy(0, 900);
      const atEnd = document.body.textContent.includes('These are all deliveries that match.');
      const isDown = window.scrollY + window.innerHeight >= document.documentElement.scrollHeight - 2;
      if (atEnd && isDown) resolve();
      else requestAnimationFrame(step);
    };
    step();
  })`);
  await page.getByText('media-0-0', { exact: true }).waitFor();
  const rows = await page.getByRole('row').count();
  assert.ok(rows < 60, `${rows} rows are drawn`);
  await page.assertNoProblems();
});
