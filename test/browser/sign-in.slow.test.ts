import assert from 'node:assert/strict';
import { testsInChromium } from '../support/browser/console-browser.ts';

const test = testsInChromium();

test('an API key signs in, leads to the page that was asked for, and leaves nothing that a script could read', async (browser) => {
  const { test: service } = browser;
  const page = await browser.newPage();
  await page.open('/deliveries?state=failed');
  await page.waitForURL(/\/sign-in/);
  await page.getByText('API key').click();
  await page.getByLabel('Public key').fill(service.client.credentials.publicKey);
  await page.getByLabel('Secret key').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('There is no such API key').waitFor();
  await page.getByLabel('Secret key').fill(service.client.credentials.secretKey);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/deliveries\?state=failed$/);
  await page.getByText('No delivery matches').waitFor();
  const kept = await page.evaluate<string>(
    'JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }])',
  );
  assert.equal(kept, '["",{},{}]');
  const [cookie] = await page.context().cookies();
  assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, 'Strict']);
  await page.assertNoProblems();
});

test('a password signs in, and a wrong one is refused in words that help', async (browser) => {
  const { operator, newAccount } = browser.test;
  const { credentials } = await newAccount();
  const password = 'a password of many words';
  await operator.expect(200, 'PATCH', `/accounts/${credentials.userId}`, { password });
  const { email } = (await operator.expect(200, 'GET', `/accounts/${credentials.userId}`)).data.account;
  const page = await browser.newPage();
  await page.open('/');
  await page.getByLabel('Email', { exact: true }).fill(email);
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('The email or the password is wrong').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.assertNoProblems();
});

test('a link of an operator signs in once, even if someone else was signed in', async (browser) => {
  const { client, operator, newAccount } = browser.test;
  const { credentials } = await newAccount();
  const { url } = (await operator.expect(201, 'POST', `/accounts/${credentials.userId}/console-links`)).data;
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.goto('about:blank');
  await page.goto(url);
  await page
    .getByRole('button', { name: /^Account: user\d@/ })
    .first()
    .waitFor();
  assert.doesNotMatch(page.url(), /link=/);
  const { data } = await page.evaluate<{ data: { account: { id: string } } }>(
    `fetch('/api/console/session', { headers: { 'x-mediahooks-console': '1' } }).then((answer) => answer.json())`,
  );
  assert.equal(data.account.id, credentials.userId);
  await page.goto('about:blank');
  await page.goto(url);
  await page.getByText('This link was used before').waitFor();
  await page.assertNoProblems();
});

test('signing out ends the session, and a session that has ended leads back to the page for signing in', async (browser) => {
  const page = await browser.newPage();
  await page.signIn(browser.test.client.credentials);
  await page.context().clearCookies();
  await page.getByRole('link', { name: 'Deliveries' }).click();
  await page.waitForURL(/\/sign-in\?next=%2Fdeliveries/);
  await page.signIn(browser.test.client.credentials);
  await page
    .getByRole('button', { name: /^Account:/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.waitForURL(/\/sign-in$/);
  await page.open('/webhooks');
  await page.waitForURL(/\/sign-in/);
  await page.assertNoProblems();
});
