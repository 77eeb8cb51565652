import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const MEBIBYTE = 1024 * 1024;
const PART_BYTES = 512 * MEBIBYTE;

test('a part of 512 MiB is received and assembled in less than 64 MiB', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'upload-memory-'));
  try {
    const program = join(import.meta.dirname, 'testing/one-large-upload.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [program, dir, String(PART_BYTES)]);
    const grownBytes = Number(stdout);
    assert.ok(grownBytes < 64 * MEBIBYTE, `it grew by ${(grownBytes / MEBIBYTE).toFixed(1)} MiB`);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
