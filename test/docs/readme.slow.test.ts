import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { makeClip } from '../support/media/clips.ts';
import { Receiver } from '../support/receivers/receiver.ts';
import { startCommand } from '../support/service/command.ts';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

/** Returns the shell blocks of the README's first session. The first block sets variables to the reader's values. */
function firstSession(): string[] {
  const section = readme.split('## A first session')[1]?.split('\n## ')[0] ?? '';
  return Array.from(section.matchAll(/```sh\n(.*?)```/gs), (match) => match[1] ?? '');
}

/** Runs `script` as a reader would, and returns the answers that it printed. */
async function answersOf(script: readonly string[], variables: Record<string, string> = {}) {
  const { stdout } = await promisify(execFile)('bash', ['-c', ['set -euo pipefail', ...script].join('\n')], {
    env: { ...process.env, ...variables },
  });
  return stdout.split(/(?<=\})(?=\{"status")/).map((answer) => JSON.parse(answer));
}

/** Starts the service for a receiver on this machine, as the README advises; fulfils once it listens. */
async function startByHand(dataDir: string) {
  const egress = /MEDIAHOOKS_EGRESS_ALLOW=([^`\s]+)/.exec(readme)?.[1] ?? '';
  const { child, end } = startCommand(['serve'], {
    MEDIAHOOKS_DATA_DIR: dataDir,
    MEDIAHOOKS_PORT: '0',
    MEDIAHOOKS_EGRESS_ALLOW: egress,
  });
  const lines: string[] = [];
  const { promise: listens, resolve, reject } = Promise.withResolvers<void>();
  createInterface({ input: child.stdout })
    .on('line', (line) => lines.push(line) && line.includes('listens on') && resolve())
    .on('close', () => reject(new Error(`the service ended: ${lines.join('\n')}`)));
  await listens;
  const stop = async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGINT');
    const { exitCode, stderr } = await end;
    assert.deepEqual([exitCode, stderr], [0, '']);
  };
  return { lines, stop };
}

async function setUp(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-readme-'));
  const receiver = await Receiver.start();
  let service: Awaited<ReturnType<typeof startByHand>> | null = null;
  t.after(async () => {
    await service?.stop();
    await receiver.stop();
    await rm(dir, { recursive: true });
  });
  const dataDir = join(dir, 'data');
  service = await startByHand(dataDir);
  return { dir, dataDir, receiver, service };
}

test("the README's first session works as written, with the lines that the first start prints", async (t) => {
  const { dir, receiver, service } = await setUp(t);
  const [variables = '', ...calls] = firstSession();
  const values = { RECEIVER: receiver.url.replace('127.0.0.1', 'localhost'), FILE: join(dir, 'holiday.mp4') };
  const printed = service.lines.filter((line) => /^\w+=/.test(line));
  const names = (text: string) => Array.from(text.matchAll(/^(\w+)=/gm), (match) => match[1]);
  assert.deepEqual(names(variables), [...names(printed.join('\n')), ...Object.keys(values)]);
  await writeFile(values.FILE, await makeClip());

  const answers = await answersOf([...printed, ...calls], values);
  assert.deepEqual(
    answers.map((answer) => answer.status),
    Array(5).fill('success'),
  );
  const [created, part, complete, media, deliveries] = answers;
  assert.match(created.data.webhook.secret, /^whsec_/);
  assert.ok(part.message && complete.message);
  assert.equal(media.data.title, 'Holiday');
  assert.equal(deliveries.data.deliveries.at(-1).event, 'file.received');

  receiver.trust(created.data.webhook.secret);
  await receiver.until(() => receiver.types().includes('encoding.finished'));
  assert.deepEqual(receiver.types(), [
    'file.received',
    'encoding.started',
    'partial.finished',
    'partial.finished',
    'encoding.finished',
  ]);
});

test('only the first start prints credentials, with a call that works as printed', async (t) => {
  const { dataDir, service } = await setUp(t);
  const [first = '', ...rest] = service.lines;
  assert.match(first, /^The data folder was empty/);
  const from = rest.findIndex((line) => line.startsWith('URL='));
  const script = rest.slice(from, rest.indexOf("}'") + 1);
  assert.match(script[1] ?? '', /^KEY=[\w-]+:[\w-]+$/);
  const isProse = (line: string) => line.startsWith('Try first');
  const [created] = await answersOf(script.filter((line) => !isProse(line)));
  const { webhook } = created.data;
  const wanted = Object.values(webhook).filter((value) => value === true);
  assert.deepEqual([created.status, webhook.url, wanted.length], ['success', 'https://example.com/hooks', 5]);

  await service.stop();
  assert.deepEqual(service.lines.slice(-2), ['Mediahooks is stopping', 'Mediahooks has stopped']);
  const second = await startByHand(dataDir);
  assert.match(second.lines.join('\n'), /^Mediahooks listens on http:\S+$/);
  await second.stop();
});
