import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { KeyedMutex } from '../../platform/keyed-mutex.ts';
import { partsDir, sourceFile } from '../files/media-files.ts';
import { assembleSource } from './assemble-source.ts';
import { parseContentRange } from './content-range.ts';
import type { PartPlace } from './part-place.ts';
import { removeStaleParts } from './parts-directory.ts';
import { discardPart, receivePart } from './receive-part.ts';
import { storePart } from './store-part.ts';
import { uploadedFile } from './uploaded-file.ts';

const MAX_BYTES = 100 * 1024 * 1024;
const mutex = new KeyedMutex();
const OPEN = { expectedHash: null, isCompleted: async () => false, mutex };

let root: string;
/** Directory of the media, which does not exist yet when its first part arrives. */
let dir: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'upload-'));
  dir = join(root, 'media', 'a');
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function upload(
  header: string | undefined,
  bytes: Uint8Array,
  hash: string | null = null,
): Promise<void> {
  const place = parseContentRange(header);
  const received = await receivePart(dir, Readable.from([bytes]), { place, maxBytes: MAX_BYTES });
  await storePart(dir, received, { ...OPEN, place, expectedHash: hash });
}

async function complete(): Promise<Buffer> {
  await assembleSource(dir, await uploadedFile(dir));
  return readFile(sourceFile(dir));
}

const parts = () => readdir(partsDir(dir)).catch(() => []);
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

interface Piece {
  readonly header: string;
  readonly bytes: Uint8Array;
}

function piecesOf(file: Uint8Array, length: number): Piece[] {
  const pieces: Piece[] = [];
  for (let start = 0; start < file.byteLength; start += length) {
    const bytes = file.subarray(start, start + length);
    pieces.push({ header: `bytes ${start}-${start + bytes.byteLength - 1}/${file.byteLength}`, bytes });
  }
  return pieces;
}

describe('an upload', () => {
  test('of simultaneous parts in any order makes the file', async () => {
    const file = randomBytes(3_000_001);
    const pieces = piecesOf(file, 100_000).toReversed();
    await Promise.all(pieces.map(({ header, bytes }) => upload(header, bytes, md5(bytes))));
    assert.equal((await uploadedFile(dir)).totalBytes, file.byteLength);
    assert.ok((await complete()).equals(file));
    assert.deepEqual(await readdir(dir), ['source']);
  });

  test('is not changed by repeated parts, in sequence or at once', async () => {
    const file = randomBytes(300_000);
    const pieces = piecesOf(file, 100_000);
    await Promise.all([...pieces, ...pieces, ...pieces].map(({ header, bytes }) => upload(header, bytes)));
    for (const { header, bytes } of pieces) await upload(header, bytes);
    assert.equal((await parts()).length, 3);
    assert.ok((await complete()).equals(file));
  });

  test('can be resumed with another part size', async () => {
    const file = randomBytes(300_000);
    for (const { header, bytes } of piecesOf(file, 100_000).slice(0, 2)) await upload(header, bytes);
    for (const { header, bytes } of piecesOf(file, 70_000).slice(2)) await upload(header, bytes);
    assert.ok((await complete()).equals(file));
  });

  test('has the bytes of one part where parts overlap, whatever the order in which they arrive', async () => {
    const parts = [
      { header: 'bytes 0-5/10', bytes: Buffer.from('aaaaaa') },
      { header: 'bytes 4-9/10', bytes: Buffer.from('bbbbbb') },
    ];
    for (const inOrder of [parts, parts.toReversed()]) {
      for (const { header, bytes } of inOrder) await upload(header, bytes, md5(bytes));
      assert.equal(String(await complete()), 'aaaaaabbbb');
      await rm(dir, { recursive: true });
    }
  });

  test('has the bytes of the last copy of a part that was sent again', async () => {
    for (const text of ['aaaaaa', 'cccccc']) await upload('bytes 0-5/10', Buffer.from(text));
    await upload('bytes 6-9/10', Buffer.from('dddd'));
    assert.equal(String(await complete()), 'ccccccdddd');
  });

  test('without Content-Range is one part, which is not copied', async () => {
    const file = randomBytes(100_000);
    await upload(undefined, file, md5(file).toUpperCase());
    assert.deepEqual(await parts(), ['bytes-0-99999-of-100000']);
    assert.ok((await complete()).equals(file));
    assert.deepEqual(await readdir(dir), ['source']);
  });

  test('of progressive parts is complete once the last part is known', async () => {
    const [a, b, c] = [randomBytes(70_000), randomBytes(50_000), randomBytes(3)];
    await upload('part 2/*', b);
    await upload('part 1/*', a);
    await assert.rejects(uploadedFile(dir), {
      code: 'upload_incomplete',
      message: /the last part is missing/,
    });
    await upload('part 3/3', c);
    assert.equal((await uploadedFile(dir)).totalBytes, 120_003);
    assert.ok((await complete()).equals(Buffer.concat([a, b, c])));
  });

  test('without parts, or with too few, is incomplete', async () => {
    await assert.rejects(uploadedFile(dir), { code: 'upload_incomplete', message: /no part/ });
    await upload('bytes 0-9/30', randomBytes(10));
    await assert.rejects(uploadedFile(dir), { code: 'upload_incomplete', message: /bytes 10–29 of 30/ });
  });
});

describe('a whole file', () => {
  test('replaces all earlier parts, unless its hash is wrong', async () => {
    const before: [header: string | undefined, bytes: Buffer][] = [
      [undefined, randomBytes(5000)],
      ['bytes 0-9/20', randomBytes(10)],
      ['bytes 0-9/3000', randomBytes(10)],
      ['part 2/*', randomBytes(10)],
    ];
    for (const [header, bytes] of before) {
      await upload(header, bytes);
      const file = randomBytes(3000);
      const earlier = await parts();
      await assert.rejects(upload(undefined, file, 'f'.repeat(32)), { message: /^hash: / });
      assert.deepEqual(await parts(), earlier);
      await upload(undefined, file);
      assert.deepEqual(await parts(), ['bytes-0-2999-of-3000']);
      assert.ok((await complete()).equals(file));
      await rm(dir, { recursive: true });
    }
  });

  test('that is sent several times at once is stored once, complete', async () => {
    for (let round = 0; round < 20; round += 1) {
      const files = [100, 200, 300, 400].map((length) => randomBytes(length));
      await Promise.all(files.map((file) => upload(undefined, file)));
      assert.equal((await parts()).length, 1);
      const kept = await complete();
      assert.ok(files.some((file) => kept.equals(file)));
      await rm(dir, { recursive: true });
    }
  });

  test('that arrives after the completion does not change the completed file', async () => {
    const place = parseContentRange(undefined);
    const file = randomBytes(100);
    await upload(undefined, file);
    const late = await receivePart(dir, Readable.from([randomBytes(50)]), { place, maxBytes: MAX_BYTES });
    const keeping = storePart(dir, late, { ...OPEN, place, isCompleted: async () => true });
    await assert.rejects(keeping, { code: 'conflict' });
    assert.ok((await complete()).equals(file));
  });
});

describe('a part that is not stored', () => {
  test('because its hash is wrong leaves the earlier copy', async () => {
    const good = randomBytes(1000);
    await upload('bytes 0-999/1000', good, md5(good));
    const wrong = upload('bytes 0-999/1000', randomBytes(1000), md5(good));
    await assert.rejects(wrong, { code: 'invalid_upload', message: /^hash: / });
    assert.deepEqual(await parts(), ['bytes-0-999-of-1000']);
    assert.ok((await complete()).equals(good));
  });

  test('because its hash is malformed; an empty hash counts as absent', async () => {
    await assert.rejects(upload('part 1/*', randomBytes(5), 'abc'), {
      code: 'invalid_upload',
      message: /32 hex/,
    });
    await upload('part 1/*', randomBytes(5), ' ');
    assert.deepEqual(await parts(), ['part-1']);
  });

  test('because it has fewer or more bytes than announced, or none', async () => {
    await assert.rejects(upload('bytes 0-9/20', randomBytes(9)), { message: /announces 10 bytes.+has 9/ });
    await assert.rejects(upload('bytes 0-9/20', randomBytes(11)), { message: /longer than the 10 bytes/ });
    for (const header of [undefined, 'bytes 0-9/20', 'part 1/1']) {
      await assert.rejects(upload(header, new Uint8Array()), { code: 'invalid_upload', message: /empty/ });
    }
    assert.deepEqual(await parts(), []);
  });

  test('because it states another total than before; the message names both', async () => {
    await upload('bytes 0-9/20', randomBytes(10));
    const message = /30 bytes, but an earlier part says 20/;
    await assert.rejects(upload('bytes 10-19/30', randomBytes(10)), { code: 'invalid_upload', message });
    assert.deepEqual(await parts(), ['bytes-0-9-of-20']);
  });

  test('because it contradicts another part that arrives at the same time: never are both stored', async () => {
    const places = [parseContentRange('bytes 0-9/20'), parseContentRange('bytes 10-19/30')];
    const receive = (place: PartPlace) =>
      receivePart(dir, Readable.from([randomBytes(10)]), { place, maxBytes: MAX_BYTES });
    // Both are received before either is stored, so neither is refused by the first check.
    const received = await Promise.all(places.map(async (place) => ({ place, part: await receive(place) })));
    const kept = await Promise.allSettled(
      received.map(({ place, part }) => storePart(dir, part, { ...OPEN, place })),
    );
    const acknowledged = kept.filter((outcome) => outcome.status === 'fulfilled').length;
    assert.ok(acknowledged < 2);
    assert.equal((await parts()).length, acknowledged);
  });

  test('because it exceeds the maximum leaves its stream to the caller', async () => {
    const place = parseContentRange(undefined);
    const stream = Readable.from([randomBytes(600), randomBytes(600), randomBytes(600)]);
    await assert.rejects(receivePart(dir, stream, { place, maxBytes: 1000 }), { code: 'too_large' });
    assert.equal(stream.destroyed, false);
    await once(stream.resume(), 'end');
    assert.deepEqual(await parts(), []);
  });

  test('because its file is too large is not read', async () => {
    const place = parseContentRange('bytes 0-9/1001');
    const stream = Readable.from([randomBytes(10)]);
    await assert.rejects(receivePart(dir, stream, { place, maxBytes: 1000 }), { code: 'too_large' });
    assert.equal(stream.readableDidRead, false);
  });

  test('because it is discarded leaves no file', async () => {
    const place = parseContentRange('part 1/*');
    const received = await receivePart(dir, Readable.from([randomBytes(10)]), { place, maxBytes: MAX_BYTES });
    assert.equal((await parts()).length, 1);
    await discardPart(received);
    assert.deepEqual(await parts(), []);
  });

  test('because the file was assembled before is a conflict', async () => {
    const place = parseContentRange('bytes 0-9/10');
    const late = await receivePart(dir, Readable.from([randomBytes(10)]), { place, maxBytes: MAX_BYTES });
    await upload('bytes 0-9/10', randomBytes(10));
    await complete();
    await assert.rejects(storePart(dir, late, { ...OPEN, place }), { code: 'conflict' });
    await assert.rejects(upload('bytes 0-9/10', randomBytes(10)), { code: 'conflict' });
    assert.deepEqual(await readdir(dir), ['source']);
  });
});

describe('an upload that is cut off', () => {
  const CUT_OFF = { code: 'invalid_upload', message: /cut off/ };
  const options = { place: parseContentRange('bytes 0-99999/100000'), maxBytes: MAX_BYTES };

  test('in the middle of a part leaves nothing', async () => {
    const destroyings = [
      (stream: Readable) => stream.destroy(),
      (stream: Readable) => stream.destroy(new Error('socket hang up')),
    ];
    for (const destroy of destroyings) {
      // The chunk is larger than the stream's buffer, so the stream drains once the part is being read.
      const stream = new PassThrough();
      const receiving = receivePart(dir, stream, options);
      stream.write(randomBytes(80_000));
      await once(stream, 'drain');
      destroy(stream);
      await assert.rejects(receiving, CUT_OFF);
      assert.deepEqual(await parts(), []);
    }
  });

  test('before it is read causes no uncaught error', async () => {
    for (const error of [undefined, new Error('socket hang up')]) {
      const early = new PassThrough();
      const receiving = receivePart(dir, early, options);
      early.destroy(error);
      await assert.rejects(receiving, CUT_OFF);
      const earlier = new PassThrough().on('error', () => {});
      earlier.destroy(error);
      await assert.rejects(receivePart(dir, earlier, options), CUT_OFF);
    }
    assert.deepEqual(await parts(), []);
  });

  test('by the signal ends even if its stream does not', async () => {
    const stream = new PassThrough();
    const abort = new AbortController();
    const receiving = receivePart(dir, stream, { ...options, signal: abort.signal });
    stream.write(randomBytes(50_000));
    abort.abort();
    await assert.rejects(receiving, CUT_OFF);
    await assert.rejects(receivePart(dir, new PassThrough(), { ...options, signal: abort.signal }), CUT_OFF);
    assert.deepEqual(await parts(), []);
  });
});

describe('after a crash', () => {
  const file = randomBytes(250_000);

  beforeEach(async () => {
    for (const { header, bytes } of piecesOf(file, 100_000)) await upload(header, bytes);
  });

  test('incomplete files are removed at the start, and parts stay', async () => {
    await writeFile(join(partsDir(dir), '0190-left.tmp'), 'half');
    await removeStaleParts(dir);
    await removeStaleParts(join(root, 'media', 'without-parts'));
    assert.equal((await parts()).length, 3);
    assert.ok(!(await parts()).some((name) => name.endsWith('.tmp')));
  });

  test('during the copying of the source, the source is made again', async () => {
    await writeFile(join(partsDir(dir), '0190-left.tmp'), file.subarray(0, 120_000));
    assert.ok((await complete()).equals(file));
    assert.deepEqual(await readdir(dir), ['source']);
  });

  test('before the removal of the parts, they are removed and the source stays', async () => {
    const before = await uploadedFile(dir);
    await writeFile(sourceFile(dir), file);
    assert.deepEqual(await uploadedFile(dir), { kind: 'assembled', totalBytes: file.byteLength });
    await assembleSource(dir, before);
    assert.deepEqual(await readdir(dir), ['source']);
  });

  test('during the removal of the parts, the upload is still complete', async () => {
    await writeFile(sourceFile(dir), file);
    await rm(join(partsDir(dir), `bytes-0-99999-of-${file.byteLength}`));
    assert.ok((await complete()).equals(file));
    assert.ok((await complete()).equals(file), 'and again');
    assert.deepEqual(await readdir(dir), ['source']);
  });
});

describe('assembling', () => {
  test('may be called twice at once', async () => {
    for (const length of [100_000, 250_000]) {
      const file = randomBytes(250_000);
      for (const { header, bytes } of piecesOf(file, length)) await upload(header, bytes);
      await Promise.all([complete(), complete(), complete()]);
      assert.ok((await readFile(sourceFile(dir))).equals(file));
      await rm(dir, { recursive: true });
    }
  });

  test('stops at the signal and leaves the parts unchanged', async () => {
    for (const { header, bytes } of piecesOf(randomBytes(250_000), 100_000)) await upload(header, bytes);
    const before = await parts();
    const file = await uploadedFile(dir);
    await assert.rejects(assembleSource(dir, file, { signal: AbortSignal.abort() }), { name: 'AbortError' });
    assert.deepEqual(await parts(), before);
  });

  test('a media that was deleted meanwhile is a conflict', async () => {
    for (const { header, bytes } of piecesOf(randomBytes(250_000), 100_000)) await upload(header, bytes);
    const file = await uploadedFile(dir);
    await rm(dir, { recursive: true });
    await assert.rejects(assembleSource(dir, file), { code: 'conflict' });
  });
});
