import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianPackage } from '../docs/debian.ts';
import { type ConsoleBrowser, type ConsolePage, startConsoleBrowser } from './console-browser.ts';
import { makeWorld, type World } from './screenshot-world.ts';

/**
 * Takes the screenshots of docs/screenshots/ of a real service with real receivers:
 * `node test/support/browser/screenshots.ts [NAME…]`. The names of hosts are put into the pages, because the receivers run on this
 * machine.
 */

const FOLDER = new URL('../../../docs/screenshots/', import.meta.url).pathname;
/** 256 colours are enough for pages, and take a third of the bytes. */
const FEW_COLOURS = 'split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=dither=none';
const run = promisify(execFile);
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 360, height: 740 };

interface Shot {
  readonly name: string;
  readonly path: (world: World) => string;
  readonly dark?: true;
  readonly size?: { readonly width: number; readonly height: number };
  /** Account that has nothing yet. */
  readonly empty?: true;
  /** Signed in as an operator. */
  readonly operator?: true;
  /** Signed in to nothing. */
  readonly signedOut?: true;
  readonly before?: (page: ConsolePage) => Promise<void>;
}

const SHOTS: readonly Shot[] = [
  { name: 'sign-in', path: () => '/sign-in', signedOut: true },
  { name: 'overview', path: () => '/overview' },
  { name: 'overview-empty', path: () => '/overview', empty: true },
  { name: 'overview-narrow-dark', path: () => '/overview', size: NARROW, dark: true },
  {
    name: 'inbox',
    path: () => '/inboxes',
    size: { width: 1440, height: 1240 },
    before: fillInbox,
    empty: true,
  },
  { name: 'account-keys', path: () => '/account' },
  {
    name: 'operator-service-dark',
    path: () => '/operator/service',
    operator: true,
    dark: true,
    before: untilPlotted,
  },
  { name: 'operator-accounts', path: () => '/operator/accounts', operator: true },
  { name: 'operator-audit-narrow', path: () => '/operator/audit', operator: true, size: NARROW },
  { name: 'webhooks', path: () => '/webhooks' },
  { name: 'webhooks-dark', path: () => '/webhooks', dark: true },
  { name: 'webhooks-empty', path: () => '/webhooks', empty: true },
  { name: 'webhooks-narrow', path: () => '/webhooks', size: NARROW },
  { name: 'webhook-failing', path: ({ failing }) => `/webhooks/${failing}` },
  { name: 'webhook-signing-dark', path: ({ healthy }) => `/webhooks/${healthy}?tab=signing`, dark: true },
  { name: 'webhook-check', path: ({ healthy }) => `/webhooks/${healthy}?tab=checks`, before: check },
  { name: 'webhook-new', path: () => '/webhooks/new', size: { width: 1440, height: 1240 }, before: typeUrl },
  { name: 'webhook-new-narrow-dark', path: () => '/webhooks/new', size: NARROW, dark: true },
  { name: 'deliveries', path: () => '/deliveries' },
  { name: 'deliveries-dark', path: () => '/deliveries', dark: true },
  { name: 'deliveries-wide', path: () => '/deliveries', size: { width: 2560, height: 900 } },
  { name: 'deliveries-narrow', path: () => '/deliveries', size: NARROW, dark: true },
  { name: 'deliveries-empty', path: () => '/deliveries', empty: true },
  { name: 'delivery-failed', path: ({ failedDelivery }) => `/deliveries/${failedDelivery}` },
  { name: 'delivery-failed-dark', path: ({ failedDelivery }) => `/deliveries/${failedDelivery}`, dark: true },
  { name: 'delivery-narrow', path: ({ failedDelivery }) => `/deliveries/${failedDelivery}`, size: NARROW },
];

await useFont();
await mkdir(FOLDER, { recursive: true });
const browser = await startConsoleBrowser();
const world = await makeWorld(browser.test);
const wanted = process.argv.slice(2);
for (const shot of SHOTS)
  if (wanted.length === 0 || wanted.includes(shot.name)) await take(browser, world, shot);
await world.stop();
await browser.stop();

async function take({ newPage, test }: ConsoleBrowser, made: World, shot: Shot): Promise<void> {
  const { name, path, dark, size = WIDE, empty, operator, signedOut, before } = shot;
  const page = await newPage({
    viewport: size,
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  const client = operator ? test.operator : empty ? (await test.newAccount()).client : made.client;
  if (!signedOut) await page.signIn(client.credentials);
  await page.open(path(made));
  await page.getByRole('heading').first().waitFor();
  await before?.(page);
  await page.evaluate('new Promise((resolve) => setTimeout(resolve, 1200))');
  await page.evaluate(nameHosts(made.receiverUrl));
  await page.evaluate(nameHosts(test.service.url));
  const whole = join(tmpdir(), `${name}.png`);
  await page.screenshot({ path: whole });
  await run('ffmpeg', ['-v', 'error', '-y', '-i', whole, '-vf', FEW_COLOURS, join(FOLDER, `${name}.png`)]);
  await rm(whole);
  await page.context().close();
}

async function check(page: ConsolePage): Promise<void> {
  await page.getByRole('button', { name: 'Send a sample event' }).click();
  await page.getByText('The receiver answered 200').waitFor();
}

/** Makes an inbox that fails once, and opens the request that it has failed. */
async function fillInbox(page: ConsolePage): Promise<void> {
  await page.getByRole('button', { name: 'New inbox' }).click();
  await page.getByRole('button', { name: 'Make a webhook with this URL' }).click();
  await page.getByRole('button', { name: 'Send a sample event' }).click();
  await page.getByText('Request 1', { exact: true }).waitFor();
  await page.getByRole('button', { name: /^Recovers/ }).click();
  await page.getByText('Request 1', { exact: true }).click();
  await page.locator('[class*="toast"] button').first().click();
  await page.locator('[class*="toast"] button').first().click();
}

async function untilPlotted(page: ConsolePage): Promise<void> {
  await page.locator('canvas').nth(1).waitFor();
  await page.evaluate('new Promise((resolve) => setTimeout(resolve, 15_000))');
}

async function typeUrl(page: ConsolePage): Promise<void> {
  await page.getByLabel('URL', { exact: true }).fill('https://example.com/hooks');
  await page.getByLabel('Custom').check();
  await page.getByText('Requests may be sent there').waitFor();
}

/** Returns a program that names the receivers' host in all texts of a page. */
function nameHosts(url: string): string {
  return `(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const name = (text) => text.replaceAll(${JSON.stringify(url)}, 'https://hooks.example.com').replaceAll(${JSON.stringify(new URL(url).host)}, 'hooks.example.com');
    while (walker.nextNode()) {
      const { data } = walker.currentNode;
      if (name(data) !== data) walker.currentNode.data = name(data);
    }
  })()`;
}

/** Makes Chromium show a font such as those of people's systems. */
async function useFont(): Promise<void> {
  const fonts = debianPackage('fonts-inter');
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-fonts-'));
  const prefer = (family: string, font: string) =>
    `<alias binding="same"><family>${family}</family><prefer><family>${font}</family></prefer></alias>`;
  const aliases = [
    prefer('system-ui', 'Inter'),
    prefer('sans-serif', 'Inter'),
    prefer('monospace', 'DejaVu Sans Mono'),
  ];
  const file = join(dir, 'fonts.conf');
  await writeFile(
    file,
    `<?xml version="1.0"?><fontconfig><include>/etc/fonts/fonts.conf</include><dir>${fonts}</dir><cachedir>${dir}</cachedir>${aliases.join('')}</fontconfig>`,
  );
  process.env.FONTCONFIG_FILE = file;
}
