import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify, styleText } from 'node:util';
import { Api, partsOf } from './api.ts';
import { differenceFrom, expectationOf } from './expectation.ts';
import { type Arrival, startReceiver } from './receiver.ts';
import { startService } from './service.ts';
import { tableHeader, tableRow } from './table.ts';

/**
 * The demo shows and checks what the service is for: two uploads become webhooks that arrive signed and in
 * order.
 */

/**
 * `--within SECONDS` sets the maximum time for the demo. Events that have not arrived by then are reported as
 * missing. `--data FOLDER` keeps the data of the service in a folder, which is removed otherwise.
 */
const { values } = parseArgs({
  options: { within: { type: 'string', default: '120' }, data: { type: 'string' } },
});
const GIVE_UP_AFTER_MS = Number(values.within) * 1000;
const QUALITIES = ['360p', '720p'];

const files = {
  'holiday.mp4': { isMedia: true, id: '' },
  'broken.mp4': { isMedia: false, id: '' },
};
type FileName = keyof typeof files;
const names = Object.keys(files) as FileName[];

const dir = await mkdtemp(join(tmpdir(), 'mediahooks-demo-'));
const arrivals: Arrival[] = [];
const complete = Promise.withResolvers<void>();
let startedAt = performance.now();

const receiver = await startReceiver((arrival) => {
  const isRepeat = arrivals.some((earlier) => earlier.webhookId === arrival.webhookId);
  arrivals.push(arrival);
  const name = names.find((known) => files[known].id === arrival.event.media_id) ?? '?';
  print(`  ${tableRow((performance.now() - startedAt) / 1000, name, arrival, isRepeat)}`);
  if (names.every((known) => differenceOf(known) === null)) complete.resolve();
});
const service = await startService(values.data ?? join(dir, 'data'));

try {
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  await service.stop();
  receiver.stop();
  await rm(dir, { recursive: true });
}

async function run(): Promise<boolean> {
  const api = new Api(service.url, service.credentials);
  print(`\n${styleText('bold', 'Mediahooks: an upload becomes webhooks that arrive')}\n`);
  print(`  service      ${service.url}`);
  print(`  receiver     ${receiver.url}, verifies with the published standardwebhooks package`);
  receiver.trust(await api.createWebhook(receiver.url));

  const clip = await makeClip();
  print(`  holiday.mp4  4 s of 1280×720, uploaded in ${partsOf(clip).length} parts, the last first`);
  print('  broken.mp4   a line of text with the wrong name\n');
  print(`  ${tableHeader()}`);
  for (const name of names) files[name].id = await api.createMedia(name, QUALITIES);
  startedAt = performance.now();
  await api.upload(files['holiday.mp4'].id, clip);
  await api.upload(files['broken.mp4'].id, Buffer.from('Not everything that is called .mp4 is a video.\n'));

  const timer = setTimeout(() => complete.resolve(), GIVE_UP_AFTER_MS);
  await complete.promise;
  clearTimeout(timer);
  return conclude(api);
}

async function conclude(api: Api): Promise<boolean> {
  print('');
  const differences = names.flatMap((name) => {
    const difference = differenceOf(name);
    return difference === null ? [] : [`${name}: ${difference}`];
  });
  for (const difference of differences) print(styleText('red', `  ✗ ${difference}`));
  if (differences.length > 0) return false;

  const events = new Set(arrivals.map((arrival) => arrival.webhookId)).size;
  print(styleText('green', `  ✓ ${events} events arrived, every one verified and in order`));
  print(`  ✓ holiday.mp4 can be played: ${new URL(await api.hlsUrl(files['holiday.mp4'].id)).pathname}`);
  print(`  ✓ broken.mp4 says why it failed: ${await api.failure(files['broken.mp4'].id)}`);
  print(`
See the same by hand: run script/server in one terminal. It prints credentials and the curl call that
creates a webhook; README.md continues from there with the upload of your own file.
`);
  return true;
}

function differenceOf(name: FileName): string | null {
  const { id, isMedia } = files[name];
  const own = arrivals.filter((arrival) => arrival.event.media_id === id);
  return differenceFrom(expectationOf(QUALITIES, isMedia), own);
}

/** Makes a clip of four seconds with moving bars and a tone. */
async function makeClip(): Promise<Buffer> {
  const file = join(dir, 'holiday.mp4');
  await promisify(execFile)('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25:duration=4'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:duration=4', '-c:v', 'libx264', '-preset', 'ultrafast'],
    ...['-c:a', 'aac', '-shortest', file],
  ]);
  return readFile(file);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
