import assert from 'node:assert/strict';
import { testsInChromium } from '../support/browser/console-browser.ts';
import { Receiver } from '../support/receivers/receiver.ts';

const test = testsInChromium();

test('a webhook is created: the URL is checked as one types, and the receiver answers a sample event', async (browser, t) => {
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  const { client } = browser.test;
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.open('/webhooks');
  await page.getByText('You have no webhooks yet').waitFor();
  await page.getByRole('link', { name: 'New webhook' }).click();

  const url = page.getByLabel('URL', { exact: true });
  for (const [text, answer] of [
    ['ftp://example.com/', 'The URL begins with https:// or http://'],
    ['https://me:secret@example.com/', 'must not contain a user name or a password'],
    ['https://10.1.2.3/hooks', 'The host is not allowed'],
    ['example.com/hooks', 'This is not a URL'],
  ] as const) {
    await url.fill(text);
    await page.getByText(answer).waitFor();
  }
  await page.getByRole('button', { name: 'Choose none' }).click();
  await page.getByRole('button', { name: 'Create the webhook' }).click();
  await page.getByText('Choose at least one event.').waitFor();
  await url.fill(receiver.url);
  await page.getByText('Requests may be sent there').waitFor();
  await page.getByLabel('File received').check();
  await page.getByLabel('Encoding finished').check();
  await page.getByLabel('Name', { exact: true }).fill('<img src=x onerror=alert(1)> & "co"');
  await page.getByLabel('Custom').check();
  await page.getByLabel('Seconds before each retry').fill('5, 1m, 2x');
  await page.getByText('Enter up to 20 delays').waitFor();
  await page.getByLabel('Seconds before each retry').fill('5, 1m, 2h');
  await page.getByText('At most 4 attempts within 2 h 1 min').waitFor();
  await page.getByRole('button', { name: 'Add a header' }).click();
  await page.getByLabel('Header').first().fill('Authorization');
  await page.getByLabel('Value').first().fill('Bearer 3f9c');
  await page.getByRole('button', { name: 'Create the webhook' }).click();
  await page.getByRole('heading', { name: '<img src=x onerror=alert(1)> & "co"' }).waitFor();

  const [webhook] = (await client.expect(200, 'GET', '/webhooks')).data.webhooks;
  assert.deepEqual(webhook.retry_schedule, [5, 60, 7200]);
  assert.deepEqual(
    [webhook.file_received, webhook.encoding_started, webhook.encoding_finished, webhook.headers],
    [true, false, true, { Authorization: '********' }],
  );
  await page.getByRole('button', { name: 'Send a sample event' }).click();
  await page.getByText('The receiver answered 200').waitFor();
  assert.equal(receiver.received.at(-1)?.headers.authorization, 'Bearer 3f9c');
  await page.assertNoProblems();
});

test('a webhook is changed, and its headers keep the values that nobody sees', async (browser, t) => {
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  const { client } = browser.test;
  const { id } = await client.createWebhook(receiver.url, {
    name: 'Old name',
    file_received: true,
    headers: { 'X-Kept': 'kept', 'X-Dropped': 'dropped' },
  });
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.open(`/webhooks/${id}`);
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByLabel('Name', { exact: true }).fill('New name');
  await page.getByLabel('Patient').check();
  await page.getByRole('button', { name: 'Remove the header X-Dropped' }).click();
  await page.getByLabel('Requests at once').fill('3');
  await page.getByRole('button', { name: 'Save the changes' }).click();
  await page.getByRole('heading', { name: /New name/ }).waitFor();
  await client.expect(200, 'POST', `/webhooks/check/${id}`);
  const { headers } = receiver.received.at(-1) as { headers: Record<string, string> };
  assert.deepEqual([headers['x-kept'], headers['x-dropped']], ['kept', undefined]);
  const { webhook } = (await client.expect(200, 'GET', `/webhooks/${id}`)).data;
  assert.deepEqual([webhook.retry_schedule, webhook.max_in_flight], ['exponential', 3]);
  await page.assertNoProblems();
});

test('the secret is shown when it is asked for, and is rotated with an overlap that is counted down', async (browser) => {
  const { client } = browser.test;
  const { id, secret } = await client.createWebhook('https://example.com/hooks');
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.open(`/webhooks/${id}?tab=signing`);
  await page.getByRole('button', { name: 'Show the secret' }).waitFor();
  assert.equal(await page.getByText(secret).count(), 0);
  await page.getByRole('button', { name: 'Show the secret' }).click();
  await page.getByText(secret).waitFor();
  await page.getByRole('button', { name: 'Hide the secret' }).click();
  await page.getByText(secret).waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Rotate the secret' }).click();
  await page.getByLabel('Overlap').selectOption({ label: '1 hour' });
  await page.getByRole('button', { name: 'Rotate', exact: true }).click();
  await page.getByText('Requests are signed with the old and the new secret').waitFor();
  await page.getByText(/The old secret ends in (59|60) min/).waitFor();
  assert.notEqual((await client.expect(200, 'GET', `/webhooks/${id}/secret`)).data.secret, secret);
  await page.assertNoProblems();
});

test('a webhook is paused, resumed and deleted, and the page says what each of them means', async (browser) => {
  const { client } = browser.test;
  const { id } = await client.createWebhook('https://example.com/hooks', {
    name: 'Doomed',
    file_received: true,
  });
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.open(`/webhooks/${id}`);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('This webhook is paused').waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('This webhook is paused').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByText('Deliveries that have not ended are cancelled').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Deliveries that have not ended are cancelled').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete the webhook' }).click();
  await page.waitForURL(/\/webhooks$/);
  assert.equal((await client.call('GET', `/webhooks/${id}`)).status, 404);
  await page.open(`/webhooks/${id}`);
  await page.getByText('There is nothing here').waitFor();
  await page.assertNoProblems();
});
