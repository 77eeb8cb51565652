import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { KeyedMutex } from '../../../platform/keyed-mutex.ts';
import { assembleSource } from '../assemble-source.ts';
import { parseContentRange } from '../content-range.ts';
import { receivePart } from '../receive-part.ts';
import { storePart } from '../store-part.ts';
import { uploadedFile } from '../uploaded-file.ts';

/**
 * A program: `node one-large-upload.ts DIRECTORY BYTES` streams one part of that size, assembles it with a part of one
 * byte, and prints by how many bytes the process has grown at its peak.
 */

const CHUNK_BYTES = 64 * 1024;

const dir = process.argv[2] ?? '';
const partBytes = Number(process.argv[3]);
const total = partBytes + 1;
const mutex = new KeyedMutex();

function* chunksOf(length: number) {
  for (let sent = 0; sent < length; sent += CHUNK_BYTES)
    yield randomBytes(Math.min(CHUNK_BYTES, length - sent));
}

async function upload(header: string, length: number): Promise<void> {
  const place = parseContentRange(header);
  const received = await receivePart(dir, Readable.from(chunksOf(length)), { place, maxBytes: total });
  await storePart(dir, received, { place, expectedHash: null, isCompleted: async () => false, mutex });
}

await upload(`bytes ${partBytes}-${partBytes}/${total}`, 1);
const before = process.resourceUsage().maxRSS;
await upload(`bytes 0-${partBytes - 1}/${total}`, partBytes);
await assembleSource(dir, await uploadedFile(dir));
process.stdout.write(String((process.resourceUsage().maxRSS - before) * 1024));
