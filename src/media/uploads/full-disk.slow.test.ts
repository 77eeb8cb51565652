import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, beforeEach, describe, test } from 'node:test';
import { KeyedMutex } from '../../platform/keyed-mutex.ts';
import { partsDir } from '../files/media-files.ts';
import { assembleSource } from './assemble-source.ts';
import { parseContentRange } from './content-range.ts';
import { receivePart } from './receive-part.ts';
import { storePart } from './store-part.ts';
import { uploadedFile } from './uploaded-file.ts';

const MEBIBYTE = 1024 * 1024;
const maxBytes = 100 * MEBIBYTE;
const mutex = new KeyedMutex();
const disk = mkdtempSync(join(tmpdir(), 'full-disk-'));
const dir = join(disk, 'media');
const cannotMount = mountSmallDisk();

/** Mounts a disk of 2 MiB. Returns why this machine does not allow one; `false`: it is mounted. */
function mountSmallDisk(): string | false {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'pipe' });
    return false;
  } catch (error) {
    return `no tmpfs can be mounted here: ${error instanceof Error ? error.message.trim() : error}`;
  }
}

after(() => {
  if (cannotMount === false) execFileSync('umount', [disk]);
  rmdirSync(disk);
});

async function upload(header: string, bytes: Uint8Array): Promise<void> {
  const place = parseContentRange(header);
  // The bytes are one chunk. If a write does not fit, the system first writes a part of it and reports no error.
  const received = await receivePart(dir, Readable.from([bytes]), { place, maxBytes });
  await storePart(dir, received, { place, expectedHash: null, isCompleted: async () => false, mutex });
}

describe('a full disk', { skip: cannotMount }, () => {
  beforeEach(() => rm(dir, { recursive: true, force: true }));

  test('that fills while a part is received leaves the earlier parts and nothing of this part', async () => {
    await upload(`bytes 0-${MEBIBYTE - 1}/${4 * MEBIBYTE}`, randomBytes(MEBIBYTE));
    const second = upload(`bytes ${MEBIBYTE}-${3 * MEBIBYTE - 1}/${4 * MEBIBYTE}`, randomBytes(2 * MEBIBYTE));
    await assert.rejects(second, { code: 'storage_full' });
    assert.deepEqual(await readdir(partsDir(dir)), [`bytes-0-${MEBIBYTE - 1}-of-${4 * MEBIBYTE}`]);
  });

  test('that fills while the file is assembled leaves the parts, and a retry succeeds once there is room', async () => {
    const half = MEBIBYTE / 2;
    await upload(`bytes 0-${half - 1}/${2 * half}`, randomBytes(half));
    await upload(`bytes ${half}-${2 * half - 1}/${2 * half}`, randomBytes(half));
    const other = join(disk, 'other');
    await writeFile(other, randomBytes(half));
    const file = await uploadedFile(dir);
    await assert.rejects(assembleSource(dir, file), { code: 'storage_full' });
    assert.equal((await readdir(partsDir(dir))).length, 2);
    await rm(other);
    await assembleSource(dir, file);
    assert.deepEqual(await readdir(dir), ['source']);
  });

  test('needs no room for a second copy of a single part', async () => {
    await upload('part 1/1', randomBytes(1.5 * MEBIBYTE));
    await assembleSource(dir, await uploadedFile(dir));
    assert.deepEqual(await readdir(dir), ['source']);
  });
});
