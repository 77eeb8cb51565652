import assert from 'node:assert/strict';
import { assertAccessible, assertFits } from '../support/browser/accessibility.ts';
import { type ConsolePage, testsInChromium } from '../support/browser/console-browser.ts';
import { ApiClient, basicHeaders } from '../support/service/api-client.ts';

/** A name that would be markup, end an attribute, and turn the direction of the text around. */
const HOSTILE = `"><img src=x onerror=alert(1)>\u{202e}'${'long '.repeat(30)}`.trim();
const PASSWORD = 'a password of many words';

const test = testsInChromium();

async function assertReadable(page: ConsolePage, path: string, heading: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 740 });
      await page.open(path);
      await page.getByRole('heading', { name: heading, exact: true }).first().waitFor();
      await page.locator('[role="status"] + [class*="line"]').first().waitFor({ state: 'detached' });
      await assertAccessible(page, `${path}, ${width}, ${colorScheme}`);
      await assertFits(page, `${path}, ${width}, ${colorScheme}`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

test('an API key is created, shown once, renamed and deleted by keyboard, and its secret is nowhere afterwards', async (browser) => {
  const { service, newAccount } = browser.test;
  const { credentials } = await newAccount();
  const page = await browser.newPage();
  await page.signIn(credentials);
  await page.open('/account');
  await page.getByRole('button', { name: 'New API key' }).press('Enter');
  await page.keyboard.press('Enter');
  await page.getByText('Enter a name, so that you can tell your keys apart.').waitFor();
  await page.getByLabel('Name', { exact: true }).fill(HOSTILE);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Copy the secret key now' }).waitFor();
  const texts = page.locator('[role="dialog"] pre');
  const [publicKey, secret] = [await texts.nth(0).textContent(), await texts.nth(1).textContent()];
  const made = new ApiClient(service.url, {
    ...credentials,
    publicKey: `${publicKey}`,
    secretKey: `${secret}`,
  });
  assert.deepEqual(made.headers, basicHeaders(`${publicKey}`, `${secret}`));
  await made.expect(200, 'GET', '/user/me');
  await page.getByRole('button', { name: 'I have copied it' }).press('Enter');
  await page.getByText(HOSTILE).waitFor();
  assert.equal(
    await page.evaluate<boolean>(`document.documentElement.outerHTML.includes('${secret}')`),
    false,
  );
  await assertReadable(page, '/account', 'API keys');

  await page.getByRole('button', { name: `Actions for “${HOSTILE}”` }).press('Enter');
  await page.getByRole('menuitem', { name: 'Rename' }).press('Enter');
  await page.getByLabel('Name', { exact: true }).fill('encoder');
  await page.keyboard.press('Enter');
  await page.getByText('The API key has a new name.', { exact: true }).first().waitFor();
  await page.getByRole('button', { name: 'Actions for “encoder”' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Delete' }).press('Enter');
  await page.getByRole('button', { name: 'Delete the key' }).press('Enter');
  await page.getByText('The API key was deleted.').first().waitFor();
  await made.expect(401, 'GET', '/user/me');
  await page.open('/account?tab=activity');
  await page.getByText('API key renamed', { exact: true }).nth(1).waitFor();
  await page.assertNoProblems();
});

test('a new password signs out everyone else, and not the page that changed it', async (browser) => {
  const { operator, newAccount } = browser.test;
  const { credentials } = await newAccount();
  const { account } = (
    await operator.expect(200, 'PATCH', `/accounts/${credentials.userId}`, { password: PASSWORD })
  ).data;
  const [page, other] = [await browser.newPage(), await browser.newPage()];
  for (const one of [page, other]) {
    await one.open('/');
    await one.getByLabel('Email', { exact: true }).fill(account.email);
    await one.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await one.keyboard.press('Enter');
    await one.getByRole('navigation').first().waitFor();
  }
  await page.open('/account?tab=security');
  await page.getByLabel('Current password').fill('wrong');
  await page.getByLabel('New password').fill('short');
  await page.keyboard.press('Enter');
  await page.getByText('Enter at least 12 characters.', { exact: true }).waitFor();
  await page.getByLabel('New password').fill('another one of many words');
  await page.keyboard.press('Enter');
  await page.getByText('The current password is wrong.').waitFor();
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText('Everyone else who was signed in is signed out.').first().waitFor();
  await page.open('/account');
  await page.getByText('first key').waitFor();
  await other.open('/account');
  await other.waitForURL(/\/sign-in/);
  await assertReadable(page, '/account?tab=security', 'Password');
  await assertReadable(page, '/account?tab=activity', 'Audit log');
  await page.assertNoProblems();
});

test('a key that may only upload is told why it sees nothing of the account', async (browser) => {
  const { client } = browser.test;
  const body = { api_key_name: 'uploads', type: 'only_upload' };
  const { api_key: key } = (await client.expect(201, 'POST', '/api_keys', body)).data;
  const page = await browser.newPage();
  await page.signIn({ ...client.credentials, publicKey: key.public_key, secretKey: key.secret });
  await page.open('/account');
  await page.getByText('You are signed in with an API key for uploads').waitFor();
  await page.assertNoProblems();
});
