import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { eventually } from '../../src/platform/testing/eventually.ts';
import { assertAccessible, assertFits } from '../support/browser/accessibility.ts';
import { type ConsolePage, testsInChromium } from '../support/browser/console-browser.ts';
import { makeClip } from '../support/media/clips.ts';
import { Receiver } from '../support/receivers/receiver.ts';
import { ALL_EVENTS } from '../support/service/api-client.ts';

/** Title that would be markup or a template if anything took it for more than text. */
const HOSTILE = `<img src=x onerror="document.title='hacked'">{{7*7}}‮${'long'.repeat(30)}`;
/** Bytes of a file that takes several parts. */
const LARGE = 12_000_000;
const SLOW = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 3_000_000 };
const FAST = { ...SLOW, uploadThroughput: -1 };

const test = testsInChromium();
let folder: string;
let clip: Buffer;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediahooks-console-media-'));
  clip = await makeClip({ width: 320, height: 180 });
});

after(() => rm(folder, { recursive: true }));

async function fileOf(name: string, bytes: Buffer | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** Returns the clip with a box behind it that players skip. */
function largeClip(): Buffer {
  const box = Buffer.alloc(LARGE);
  box.writeUInt32BE(LARGE);
  box.write('free', 4);
  return Buffer.concat([clip, box]);
}

function untilTrue(page: ConsolePage, expression: string): Promise<boolean> {
  return eventually(expression, () => page.evaluate<boolean>(expression));
}

/** Resolves when colours have changed: even without motion, a change is seen in the frame after the next. */
function untilPainted(page: ConsolePage): Promise<void> {
  return page.evaluate(
    'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))',
  );
}

async function assertGood(page: ConsolePage, title: string): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await untilPainted(page);
  await assertAccessible(page, `${title}, light`);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 360, height: 720 });
  await untilPainted(page);
  await assertAccessible(page, `${title}, dark, 360 pixels`);
  await assertFits(page, `${title}, 360 pixels`);
  await page.setViewportSize({ width: 1280, height: 800 });
}

test('files are uploaded, played in a chosen quality, and tell their story down to each attempt', async (browser, t) => {
  const { client } = await browser.test.newAccount();
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  receiver.answer(
    ({ event }, response) =>
      void response.writeHead(event.type === 'encoding.finished' ? 503 : 200).end(HOSTILE),
  );
  await client.createWebhook(receiver.url, { ...ALL_EVENTS, name: HOSTILE, retry_schedule: [1, 3600] });
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.open('/media');
  await page.getByText('No media yet').waitFor();
  await assertGood(page, 'no media');

  const files = [await fileOf('Holiday.mp4', clip), await fileOf('broken.mp4', 'no video')];
  await page.getByLabel('Files').setInputFiles(files);
  await page.getByLabel('Title of Holiday.mp4').fill(HOSTILE);
  await assertGood(page, 'choices of an upload');
  await page.getByText('1080p', { exact: true }).click();
  await page.getByText('720p', { exact: true }).click();
  await page.getByText('144p', { exact: true }).click();
  await page.getByLabel('Everyone who has the address may watch').click();
  await page.getByRole('button', { name: 'Upload 2 files' }).press('Enter');
  await page.getByText('Received', { exact: true }).nth(1).waitFor();
  await assertGood(page, 'list of media');

  await page.getByRole('link', { name: HOSTILE }).first().click();
  await page.getByRole('heading', { name: 'All qualities can be played' }).waitFor();
  await page.getByRole('heading', { name: 'Upload complete' }).waitFor();
  await page.getByRole('heading', { name: '144p can be played' }).waitFor();
  await page.getByText('Attempt 2').waitFor();
  await page.getByText('Next attempt').waitFor();
  await page.getByText('180p', { exact: true }).click();
  await untilTrue(page, 'document.querySelector("video").readyState >= 2');
  await page.evaluate('document.querySelector("video").muted = true, document.querySelector("video").play()');
  await untilTrue(page, 'document.querySelector("video").currentTime > 0.1');
  assert.equal(await page.evaluate('document.querySelector("video").src.startsWith("blob:")'), true);
  assert.doesNotMatch(await page.title(), /^hacked/);
  await assertGood(page, 'a media with its story');

  await page.getByRole('button', { name: 'Use the shown picture' }).click();
  await page.getByText('The thumbnail was changed.', { exact: true }).waitFor();

  await page.open('/media?status=fail');
  await page.getByRole('link', { name: 'broken', exact: true }).click();
  await page.getByText('The file is damaged').waitFor();
  await page.getByText('Not encoded').first().waitFor();
  await page.getByRole('heading', { name: 'Encoding failed' }).waitFor();
  await assertGood(page, 'a media that failed');
  await page.assertNoProblems();
});

test('an upload pauses, is resumed, and continues after a reload with the bytes that are missing', async (browser) => {
  const { client } = await browser.test.newAccount();
  const page = await browser.newPage();
  const devtools = await page.context().newCDPSession(page);
  await page.signIn(client.credentials);
  await page.open('/media');
  await page.getByText('No media yet').waitFor();
  await devtools.send('Network.emulateNetworkConditions', SLOW);
  const file = await fileOf('large.mp4', largeClip());
  await page.getByLabel('Files').setInputFiles(file);
  await page.getByRole('button', { name: 'Upload the file' }).click();
  const [media] = await eventually('the media exists', async () => {
    const { data } = await client.expect(200, 'GET', '/media');
    return data.media.length > 0 && data.media;
  });
  const received = async () => (await client.expect(200, 'GET', `/media/${media.id}/upload`)).data;
  await eventually('a part has arrived', async () => (await received()).received_bytes > 0);
  await page.getByRole('button', { name: 'Pause the upload of large' }).click();
  await page.getByText('Paused', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Continue the upload of large' }).click();
  await page.getByRole('button', { name: 'Pause the upload of large' }).waitFor();

  await page.reload();
  await page.getByText('Interrupted').waitFor();
  const before = await received();
  assert.ok(!before.is_complete && before.received_bytes > 0);
  await assertGood(page, 'an interrupted upload');
  const ranges: string[] = [];
  page.on('request', (request) => {
    const { 'content-range': range } = (
      request as unknown as { headers(): Record<string, string> }
    ).headers();
    if (range) ranges.push(range);
  });
  await devtools.send('Network.emulateNetworkConditions', FAST);
  await page
    .getByLabel('Choose the file again')
    .first()
    .setInputFiles(await fileOf('other.mp4', clip));
  await page.getByText('That is another file. Expected large.mp4').waitFor();
  await page.getByLabel('Choose the file again').first().setInputFiles(file);
  await page.getByText('Received', { exact: true }).waitFor();
  const sent = ranges.map((range) => /bytes (\d+)-(\d+)/.exec(range)?.slice(1).map(Number) ?? []);
  const bytes = sent.reduce((sum, [first = 0, last = 0]) => sum + last - first + 1, 0);
  assert.equal(bytes, LARGE + clip.length - before.received_bytes);
  assert.equal(await page.evaluate('Object.keys(localStorage).length'), 0);
  await page.assertNoProblems();
});

test('files that are dropped are uploaded, and a media is deleted after a question that names what is lost', async (browser) => {
  const { client } = await browser.test.newAccount();
  const { id } = await client.createMedia({ title: 'Never sent' });
  const page = await browser.newPage();
  await page.signIn(client.credentials);
  await page.open('/media');
  await page.getByRole('link', { name: 'Never sent' }).waitFor();
  await page.evaluate(`(() => {
    const dataTransfer = new DataTransfer();
    for (const name of ['one.mp4', 'two.mp4']) dataTransfer.items.add(new File(['bytes'], name));
    dataTransfer.items.add(new File([], 'empty.mp4'));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
  })()`);
  await page.getByRole('dialog').waitFor();
  await page.getByText('This file is empty').waitFor();
  await page.getByRole('button', { name: 'Leave out two.mp4' }).click();
  await page.getByRole('button', { name: 'Upload the file' }).click();
  await page.getByText('Received', { exact: true }).waitFor();

  await page.getByLabel('Search by title').fill('never');
  await page.waitForURL(/search=never/);
  await page.getByRole('link', { name: 'Never sent' }).click();
  await page.getByText('Nothing has arrived yet').waitFor();
  await page.getByRole('button', { name: 'More actions' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Delete' }).press('Enter');
  await page.getByText('What has been uploaded so far is deleted.').waitFor();
  await assertAccessible(page, 'the question before a deletion');
  await page.getByRole('button', { name: 'Delete the media' }).press('Enter');
  await page.waitForURL(/\/media$/);
  await client.expect(404, 'GET', `/media/${id}`);
  await page.assertNoProblems();
});
