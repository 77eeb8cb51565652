import assert from 'node:assert/strict';
import { after, before, test as register, type TestContext } from 'node:test';
import type { Credentials } from '../../../src/accounts/create-account.ts';
import { Missing } from '../docs/downloads.ts';
import { startChromium } from '../players/chromium.ts';
import { fetchPlayers } from '../players/packages.ts';
import { startTestService, type TestService } from '../service/service.ts';
import type { BrowserPage, ContextOptions, TestBrowser } from './page.ts';

/** Records breaches of the Content-Security-Policy from the first moment of each page. */
const RECORD_BREACHES = `globalThis.breaches = [];
document.addEventListener('securitypolicyviolation', (event) => {
  breaches.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample);
});`;

/** Chromium's message about an answer that is no 2xx. The console asks for things that may be absent, and says so. */
const REFUSED = /^Failed to load resource: the server responded with a status of (4\d\d|503)/;

/** A page of the console, with what went wrong in it. */
export interface ConsolePage extends BrowserPage {
  /** Opens a page of the console by its path, such as `/webhooks`. */
  open(path: string): Promise<void>;
  /** Signs in by an API key on the page for signing in, and waits for the first page behind it. */
  signIn(credentials: Credentials): Promise<void>;
  /** Fails if the page logged an error, threw one, asked another host for anything, or breached the policy. */
  assertNoProblems(): Promise<void>;
}

export interface ConsoleBrowser {
  readonly test: TestService;
  /** Opens a tab of a person who is not signed in anywhere. */
  newPage(options?: ContextOptions): Promise<ConsolePage>;
  stop(): Promise<void>;
}

/**
 * Returns a function that registers tests, which share a service and a browser. They are skipped on a machine that can't have
 * Chromium.
 */
export function testsInChromium(
  settings?: Record<string, string>,
): (title: string, body: (browser: ConsoleBrowser, t: TestContext) => Promise<void>) => void {
  let browser: ConsoleBrowser | Missing;
  before(async () => {
    browser = await startConsoleBrowser(settings).catch((error) => {
      if (!(error instanceof Missing)) throw error;
      return error;
    });
  });
  after(() => (browser instanceof Missing ? undefined : browser.stop()));
  return (title, body) => {
    register(title, (t) => (browser instanceof Missing ? t.skip(browser.message) : body(browser, t)));
  };
}

/** Starts a service, and Chromium. @throws Missing if this machine can't have Chromium */
export async function startConsoleBrowser(settings: Record<string, string> = {}): Promise<ConsoleBrowser> {
  fetchPlayers();
  const browser = (await startChromium()) as unknown as TestBrowser;
  const test = await startTestService({ MEDIAHOOKS_EGRESS_PORTS: '1-65535', ...settings });
  return {
    test,
    newPage: (options) => newPage(browser, test.service.url, options),
    stop: async () => {
      await browser.close();
      await test.stop();
    },
  };
}

/** Opens a tab. Its `getByText` leaves out what is only read aloud: for a moment, each toast's text is in the page twice. */
async function newPage(
  browser: TestBrowser,
  serviceUrl: string,
  options: ContextOptions = {},
): Promise<ConsolePage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const problems = watch(page, serviceUrl);
  await page.addInitScript(RECORD_BREACHES);
  const open = async (path: string) => {
    await page.goto(`${serviceUrl}/console${path}`);
  };
  const withText = page.getByText.bind(page);
  return Object.assign(page, {
    getByText: (...args: Parameters<typeof withText>) =>
      withText(...args).and(page.locator(':not(span[role="status"][aria-live])')),
    open,
    signIn: async ({ publicKey, secretKey }: Credentials) => {
      await open('/sign-in');
      await page.getByText('API key').click();
      await page.getByLabel('Public key').fill(publicKey);
      await page.getByLabel('Secret key').fill(secretKey);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.locator('#content').waitFor();
    },
    assertNoProblems: async () => {
      const breaches = await page.evaluate<string[]>('globalThis.breaches');
      assert.deepEqual([...problems, ...breaches], [], page.url());
    },
  });
}

function watch(page: BrowserPage, serviceUrl: string): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    const isGood = !['error', 'warning'].includes(message.type()) || REFUSED.test(message.text());
    if (!isGood) problems.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`thrown: ${error.stack}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(serviceUrl) && !/^(blob|data):/.test(url)) problems.push(`request: ${url}`);
  });
  return problems;
}
