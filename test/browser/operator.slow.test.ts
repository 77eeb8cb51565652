import assert from 'node:assert/strict';
import { assertAccessible, assertFits } from '../support/browser/accessibility.ts';
import { testsInChromium } from '../support/browser/console-browser.ts';

/** A name that would be markup, end an attribute, and turn the direction of the text around. */
const HOSTILE = `"><img src=x onerror=alert(1)>\u{202e}'${'long '.repeat(30)}`.trim();

const test = testsInChromium();

/** Counts the pixels of the first plot that are as bright as the text of the dark theme. */
const BRIGHT_PIXELS = `(() => {
  const canvas = document.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4)
    if (data[at] > 215 && data[at + 1] > 215 && data[at + 2] > 215 && data[at + 3] > 215) count += 1;
  return count;
})()`;

test('an operator creates an account, issues a link for it, disables it and reads who did that', async (browser) => {
  const { operator } = browser.test;
  await operator.expect(201, 'POST', '/accounts', { email: 'ada@example.com' });
  const page = await browser.newPage();
  await page.signIn(operator.credentials);
  await page.getByRole('link', { name: 'Accounts' }).click();
  await page.getByRole('button', { name: 'New account' }).click();
  await page.getByLabel('Email', { exact: true }).fill('grace');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByText('Enter an email address').waitFor();
  await page.getByLabel('Email', { exact: true }).fill('ada@example.com');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'exists' }).waitFor();
  await page.getByLabel('Email', { exact: true }).fill('grace@example.com');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'grace@example.com has an account' }).waitFor();
  await page.getByRole('button', { name: 'I have copied it' }).click();

  await page.getByRole('button', { name: 'Actions for grace@example.com' }).click();
  await page.getByRole('menuitem', { name: 'Link to the console' }).click();
  await page.getByRole('button', { name: 'Issue the link' }).click();
  const url = await page.locator('[role="dialog"] pre').textContent();
  await page.getByRole('button', { name: 'Done' }).click();
  const owner = await browser.newPage();
  await owner.goto(`${url}`);
  await owner
    .getByRole('button', { name: /^Account: grace@example.com/ })
    .first()
    .waitFor();

  await page.getByRole('button', { name: 'Actions for grace@example.com' }).click();
  await page.getByRole('menuitem', { name: 'Disable' }).click();
  await page.getByRole('button', { name: 'Disable the account' }).click();
  await page.getByText('grace@example.com is disabled.').first().waitFor();
  await owner.reload();
  await owner.waitForURL(/\/sign-in/);
  await page.getByRole('button', { name: 'Actions for grace@example.com' }).click();
  await page.getByRole('menuitem', { name: 'Audit log of the account' }).click();
  await page.getByText('Account disabled', { exact: true }).nth(1).waitFor();
  await page.getByLabel('Change', { exact: true }).selectOption({ label: 'Webhook deleted' });
  await page.getByRole('heading', { name: 'No change matches' }).waitFor();
  await page.assertNoProblems();
});

test('pages for operators fit and are accessible in light and dark, with hostile names and a search that finds nothing', async (browser) => {
  const account = { email: 'ada@example.org', first_name: HOSTILE, last_name: 'Lovelace' };
  await browser.test.operator.expect(201, 'POST', '/accounts', account);
  const page = await browser.newPage();
  await page.signIn(browser.test.operator.credentials);
  for (const path of ['/operator/accounts', '/operator/accounts?search=nobody', '/operator/audit']) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 740 });
        await page.open(path);
        await page.locator('main table, main h2').first().waitFor();
        await assertAccessible(page, `${path}, ${width}, ${colorScheme}`);
        await assertFits(page, `${path}, ${width}, ${colorScheme}`);
      }
    }
  }
  await page.assertNoProblems();
});

test('other accounts see no pages for operators, even by their addresses', async (browser) => {
  const page = await browser.newPage();
  await page.signIn(browser.test.client.credentials);
  assert.equal(await page.getByRole('link', { name: 'Audit log' }).count(), 0);
  for (const path of ['/operator/service', '/operator/accounts', '/operator/audit']) {
    await page.open(path);
    await page.getByText('Only operators see this page').waitFor();
  }
  await page.assertNoProblems();
});

test('the page about the service draws its rates, has them as a table, and takes the colours of the theme', async (browser) => {
  const page = await browser.newPage();
  await page.signIn(browser.test.operator.credentials);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 740 });
      await page.open('/operator/service');
      await page.getByText('Nothing is late').waitFor();
      await page.getByText('The plot begins with the second sample').first().waitFor();
      await assertAccessible(page, `service, ${width}, ${colorScheme}`);
      await assertFits(page, `service, ${width}, ${colorScheme}`);
    }
  }
  await page.locator('canvas').nth(1).waitFor();
  const bright = await page.evaluate<number>(BRIGHT_PIXELS);
  assert.equal(bright, 0, 'lines of the plot have the colour of text');
  await page.getByText('Show as a table').first().click();
  await page.getByRole('table', { name: 'Deliveries that end, per second' }).waitFor();
  await assertAccessible(page, 'service with plots');
  await assertFits(page, 'service with plots');
  await page.assertNoProblems();
});
