import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const MEBIBYTE = 1024 * 1024;
const PART_BYTES = 512 * MEBIBYTE;

/** Streams one part and puts it together with a second; prints by how many bytes the process has grown at its peak. */
const UPLOAD = `
  import { Readable } from 'node:stream';
  import { randomBytes } from 'node:crypto';
  import { assembleSource, keepPart, parseContentRange, receivePart, uploadedFile } from './upload.ts';
  const [dir, partBytes] = [process.argv[1], Number(process.argv[2])];
  const total = partBytes + 1;
  async function* generated(length) {
    for (let sent = 0; sent < length; sent += 65536) yield randomBytes(Math.min(65536, length - sent));
  }
  async function upload(header, length) {
    const place = parseContentRange(header);
    const stream = Readable.from(generated(length));
    const received = await receivePart(dir, stream, { place, maxBytes: total });
    await keepPart(dir, received, { place, expectedHash: null, isCompleted: async () => false });
  }
  await upload('bytes ' + partBytes + '-' + partBytes + '/' + total, 1);
  const before = process.resourceUsage().maxRSS;
  await upload('bytes 0-' + (partBytes - 1) + '/' + total, partBytes);
  await assembleSource(dir, await uploadedFile(dir));
  console.log((process.resourceUsage().maxRSS - before) * 1024);
`;

test('a part of 512 MiB is received and put together in less than 64 MiB', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'upload-memory-'));
  try {
    const args = ['--input-type=module', '--eval', UPLOAD, dir, String(PART_BYTES)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
    const grownBytes = Number(stdout);
    assert.ok(grownBytes < 64 * MEBIBYTE, `it grew by ${(grownBytes / MEBIBYTE).toFixed(1)} MiB`);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
