import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs, { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LogWriter } from '../../../src/logging/log-writer.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = fs.constants;
const entry = (n: number) => `${JSON.stringify({ n, text: 'x'.repeat(1_000) })}\n`;

/** Opens both ends of a named pipe. */
function openPipe(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'mediahooks-log-'));
  const path = join(dir, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = fs.openSync(path, O_RDONLY | O_NONBLOCK);
  const fd = fs.openSync(path, O_WRONLY | O_NONBLOCK);
  t.after(() => rmSync(dir, { recursive: true }));
  return { path, reader, fd };
}

/** Reads everything that a pipe contains at present. */
function readAll(reader: number): string {
  const chunks: Buffer[] = [];
  const buffer = Buffer.alloc(64 * 1024);
  try {
    for (let size = fs.readSync(reader, buffer); size > 0; size = fs.readSync(reader, buffer))
      chunks.push(Buffer.from(buffer.subarray(0, size)));
  } catch {
    // The pipe is empty.
  }
  return Buffer.concat(chunks).toString();
}

test('entries arrive whole and in order, those of one turn together', async (t) => {
  const { reader, fd } = openPipe(t);
  const writer = new LogWriter({ fd, onDropped: () => assert.fail() });
  let text = '';
  for (let n = 0; n < 1_000; n += 1) writer.write(entry(n));
  assert.equal(readAll(reader), '', 'nothing is written within the turn');
  await eventually('all have arrived', async () => {
    text += readAll(reader);
    return text.split('\n').length === 1_001;
  });
  const numbers = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).n);
  assert.deepEqual(
    numbers,
    Array.from({ length: 1_000 }, (_, n) => n),
  );
  assert.equal(writer.dropped, 0);
});

test('a pipe whose reader hangs holds nothing up; what is too much is dropped, counted and reported', async (t) => {
  const { reader, fd } = openPipe(t);
  const reports: number[] = [];
  const writer = new LogWriter({ fd, onDropped: (count) => reports.push(count) });
  const startedAt = performance.now();
  for (let n = 0; n < 3_000; n += 1) writer.write(entry(n));
  await eventually('a write has failed', async () => writer.dropped > 0);
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < 1_000, `${tookMs} ms`);
  assert.deepEqual(reports, []);

  let text = '';
  await eventually('the drops are reported', async () => {
    text += readAll(reader);
    return reports.length > 0;
  });
  await eventually('all that waited has arrived', async () => {
    text += readAll(reader);
    return text.split('\n').length - 1 + writer.dropped === 3_000;
  });
  assert.deepEqual(reports, [writer.dropped]);
  for (const line of text.trimEnd().split('\n')) JSON.parse(line);
});

test('the end of the process writes what waits, and does not wait for a reader that hangs', (t) => {
  const { reader, fd } = openPipe(t);
  const writer = new LogWriter({ fd, onDropped: () => undefined });
  writer.write(entry(1));
  writer.flushSync();
  assert.equal(readAll(reader), entry(1));
  for (let n = 0; n < 900; n += 1) writer.write(entry(n));
  const startedAt = performance.now();
  writer.flushSync();
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < 2_000, `${tookMs} ms`);
});

test('a full disk and a pipe without a reader are no errors of the process', async (t) => {
  const full = fs.openSync('/dev/full', O_RDWR);
  const { reader, fd } = openPipe(t);
  fs.closeSync(reader);
  for (const broken of [full, fd]) {
    const writer = new LogWriter({ fd: broken, onDropped: () => undefined });
    for (let n = 0; n < 2_000; n += 1) writer.write(entry(n));
    await eventually('entries are dropped', async () => writer.dropped > 0);
    writer.flushSync();
  }
});
