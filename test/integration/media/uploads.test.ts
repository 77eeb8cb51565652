import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Receiver } from '../../support/receivers/receiver.ts';
import type { ApiAnswer, ApiClient } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const MIB = 1024 * 1024;

let service: TestService;
let receiver: Receiver;
let client: ApiClient;

before(async () => {
  service = await startTestService({ MEDIAHOOKS_MAX_MEDIA_BYTES: String(32 * MIB) });
  client = service.client;
  receiver = await Receiver.start();
  await client.createWebhook(receiver.url);
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

interface Slice {
  readonly bytes: Buffer;
  readonly range: string;
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

function slices(bytes: Buffer, size: number): Slice[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => {
    const part = bytes.subarray(index * size, (index + 1) * size);
    const first = index * size;
    return { bytes: part, range: `bytes ${first}-${first + part.length - 1}/${bytes.length}` };
  });
}

/** Returns a form of `fields` in this order; bytes become files. */
async function sendForm(
  id: string,
  fields: readonly (readonly [name: string, value: string | Buffer])[],
  headers: Record<string, string> = {},
): Promise<ApiAnswer> {
  const form = new FormData();
  for (const [name, value] of fields) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, new Blob([value as Uint8Array<ArrayBuffer>]), 'clip.mp4');
  }
  return client.send(`/media/${id}/part`, { method: 'POST', body: form, headers });
}

async function complete(id: string): Promise<ApiAnswer> {
  return client.call('GET', `/media/${id}/complete`);
}

/** Ends the upload, waits for its one event, and asserts that the source is byte for byte what was sent. */
async function assertReceived(id: string, bytes: Buffer): Promise<void> {
  const answer = await complete(id);
  assert.deepEqual([answer.status, Object.keys(answer.body)], [200, ['status', 'message']]);
  assert.deepEqual(await complete(id), answer);
  await receiver.until(() => receiver.types(id).includes('encoding.failed'));
  assert.deepEqual(receiver.types(id), ['file.received', 'encoding.started', 'encoding.failed']);
  assert.equal((await client.expect(200, 'GET', `/media/${id}`)).data.size, bytes.length);
  const { publicKey, secretKey } = client.credentials;
  const response = await fetch(`${service.service.url}/assets/${id}/source`, {
    headers: { 'stream-public-key': publicKey, 'stream-secret-key': secretKey },
  });
  assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes));
}

test('parts arrive five at a time, out of order, counted from 0 or from 1', async () => {
  for (const firstIndex of [0, 1]) {
    const { id } = await client.createMedia();
    const bytes = randomBytes(9 * MIB + 7);
    const parts = slices(bytes, MIB).map((part, index) => ({ ...part, index: index + firstIndex }));
    const waiting = parts.toReversed();
    const worker = async () => {
      for (let part = waiting.shift(); part; part = waiting.shift()) {
        const fields = [
          ['file', part.bytes],
          ['hash', md5(part.bytes)],
          ['index', String(part.index)],
        ] as const;
        const answer = await sendForm(id, fields, { 'content-range': part.range });
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
        assert.equal(answer.contentType, 'application/json');
      }
    };
    await Promise.all(Array.from({ length: 5 }, worker));
    await assertReceived(id, bytes);
  }
});

test('fields may precede or follow the file, and of two the last one counts', async () => {
  const { id } = await client.createMedia();
  const bytes = randomBytes(1000);
  const range = { 'content-range': 'bytes 0-999/1000' };
  const wrong = 'f'.repeat(32);
  const refused = await sendForm(
    id,
    [
      ['hash', md5(bytes)],
      ['file', bytes],
      ['hash', wrong],
    ],
    range,
  );
  assertRefusal(refused, 'invalid_upload', ['hash']);
  const taken = await sendForm(
    id,
    [
      ['hash', wrong],
      ['index', 'first'],
      ['file', bytes],
      ['index', '0'],
      ['hash', md5(bytes).toUpperCase()],
    ],
    range,
  );
  assert.equal(taken.status, 200, JSON.stringify(taken.body));
  await assertReceived(id, bytes);
});

test('a progressive upload counts its parts, and knows its size at the end', async () => {
  const { id } = await client.createMedia();
  const bytes = randomBytes(3 * MIB + 5);
  const parts = slices(bytes, MIB);
  for (const [index, part] of parts.entries()) {
    const number = index + 1;
    const count = number === parts.length ? number : '*';
    const file = [['clip.mp4', part.bytes]] as const;
    const answer = await sendForm(id, file, { 'content-range': `part ${number}/${count}` });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    if (number < parts.length) assertRefusal(await complete(id), 'upload_incomplete');
  }
  await assertReceived(id, bytes);
});

test('a whole file needs no Content-Range, and neither hash nor index', async () => {
  const { id } = await client.createMedia();
  const bytes = randomBytes(100_000);
  assert.equal((await sendForm(id, [['file', bytes]])).status, 200);
  await assertReceived(id, bytes);
});

test('a wrong first file is replaced by the right one, whatever their sizes', async () => {
  const { id } = await client.createMedia();
  assert.equal((await client.uploadPart(id, { bytes: randomBytes(2000) })).status, 200);
  const bytes = randomBytes(100_000);
  const answer = await client.uploadPart(id, { bytes });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  await assertReceived(id, bytes);
  assertRefusal(await client.uploadPart(id, { bytes: randomBytes(2000) }), 'conflict');
});

test('parts that do not say where they belong never replace each other silently', async () => {
  const send = (id: string, index: string, range?: string) => {
    const headers = range === undefined ? {} : { 'content-range': range };
    return sendForm(
      id,
      [
        ['file', Buffer.from(`part ${index}`)],
        ['index', index],
      ],
      headers,
    );
  };
  for (const [indexes, refused, field] of [
    // Counted from 0, and from 1.
    [['0', '1'], '1', 'Content-Range'],
    [['1', '2'], '2', 'Content-Range'],
    [['1', '0'], '0', 'Content-Range'],
    [['2'], '2', 'Content-Range'],
    [['0', '00', '0', '7'], '7', 'Content-Range'],
    [['0', 'x'], 'x', 'index'],
    [['-1'], '-1', 'index'],
    [['1.5'], '1.5', 'index'],
  ] as const) {
    const { id } = await client.createMedia();
    for (const index of indexes) {
      const answer = await send(id, index);
      if (index === refused) assertRefusal(answer, 'invalid_upload', [field]);
      else assert.equal(answer.status, 200, JSON.stringify([indexes, answer.body]));
    }
    const { received_bytes } = (await client.expect(200, 'GET', `/media/${id}/upload`)).data;
    assert.equal(received_bytes, indexes.length > 1 ? 6 : 0);
  }
  const { id } = await client.createMedia();
  assert.equal((await send(id, '1', 'bytes 0-5/12')).status, 200);
  assertRefusal(await send(id, '2', 'bytes 0-5/12'), 'invalid_upload', ['index']);
  assertRefusal(await send(id, '2', 'bytes 6-11/13'), 'invalid_upload', ['Content-Range']);
  assert.equal((await send(id, '2', 'bytes 6-11/12')).status, 200);
  assert.equal((await complete(id)).status, 200);
});

test('an unfinished upload tells what was received, and a client resumes it with that', async () => {
  const bytes = randomBytes(1000);
  const { id } = await client.createMedia();
  const state = async () => (await client.expect(200, 'GET', `/media/${id}/upload`)).data;
  const nothing = {
    is_complete: false,
    received_bytes: 0,
    size: null,
    ranges: [],
    parts: [],
    has_more: false,
  };
  assert.deepEqual(await state(), nothing);
  const all = slices(bytes, 100);
  for (const slice of [7, 1, 2, 4].map((index) => all[index] as Slice)) {
    assert.equal((await client.uploadPart(id, slice)).status, 200);
  }
  const overlapping = { bytes: bytes.subarray(350, 480), range: 'bytes 350-479/1000' };
  assert.equal((await client.uploadPart(id, overlapping)).status, 200);
  const received = {
    ...{ is_complete: false, received_bytes: 450, size: 1000, parts: [], has_more: false },
    ranges: [
      { start: 100, end: 299 },
      { start: 350, end: 499 },
      { start: 700, end: 799 },
    ],
  };
  assert.deepEqual(await state(), received);
  assert.deepEqual((await client.expect(200, 'GET', `/media/${id}`)).data.upload, received);

  const gaps = [...received.ranges, { start: 1000, end: 1000 }].map(({ start }, index) => {
    const from = (received.ranges[index - 1]?.end ?? -1) + 1;
    return { bytes: bytes.subarray(from, start), range: `bytes ${from}-${start - 1}/1000` };
  });
  for (const gap of gaps) assert.equal((await client.uploadPart(id, gap)).status, 200);
  assert.equal((await complete(id)).status, 200);
  assert.deepEqual(await state(), {
    ...{ is_complete: true, received_bytes: 1000, size: 1000, parts: [], has_more: false },
    ranges: [{ start: 0, end: 999 }],
  });
});

test('a progressive upload tells the numbers of its parts, and an upload of many ranges the first ones', async () => {
  const { id } = await client.createMedia();
  const state = async (of: string) => (await client.expect(200, 'GET', `/media/${of}/upload`)).data;
  for (const number of [1, 3, 2, 5]) {
    await client.uploadPart(id, { bytes: Buffer.alloc(10), range: `part ${number}/*`, hash: null });
  }
  assert.deepEqual(await state(id), {
    ...{ is_complete: false, received_bytes: 40, size: null, ranges: [], has_more: false },
    parts: [
      { start: 1, end: 3 },
      { start: 5, end: 5 },
    ],
  });
  const scattered = await client.createMedia();
  for (let index = 0; index < 102; index += 1) {
    const range = `bytes ${index * 2}-${index * 2}/204`;
    await client.uploadPart(scattered.id, { bytes: Buffer.alloc(1), range });
  }
  const { ranges, received_bytes, has_more } = await state(scattered.id);
  assert.deepEqual([ranges.length, ranges.at(-1), received_bytes], [100, { start: 198, end: 198 }, 102]);
  assert.equal(has_more, true);
});

test('parts that overlap with other bytes are taken, and each byte comes from one of them', async () => {
  const { id } = await client.createMedia();
  const [first, second] = [Buffer.alloc(600, 'a'), Buffer.alloc(600, 'b')];
  const parts = [
    { bytes: second, range: 'bytes 400-999/1000' },
    { bytes: first, range: 'bytes 0-599/1000' },
  ];
  for (const part of parts) assert.equal((await client.uploadPart(id, part)).status, 200);
  await assertReceived(id, Buffer.concat([first, second.subarray(200)]));
});

test('repeating a part is harmless', async () => {
  const { id } = await client.createMedia();
  const bytes = randomBytes(3000);
  for (const part of slices(bytes, 1000)) {
    const answers = await Promise.all([client.uploadPart(id, part), client.uploadPart(id, part)]);
    answers.push(await client.uploadPart(id, part));
    for (const { status } of answers) assert.equal(status, 200);
  }
  await assertReceived(id, bytes);
});

test('a part whose hash or length is wrong is refused, and a correct one takes its place', async () => {
  const { id } = await client.createMedia();
  const bytes = randomBytes(2000);
  const [first, second] = slices(bytes, 1000) as [Slice, Slice];
  const upload = (part: Parameters<ApiClient['uploadPart']>[1]) => client.uploadPart(id, part);
  assert.equal((await upload(first)).status, 200);
  assertRefusal(await upload({ ...second, hash: 'f'.repeat(32) }), 'invalid_upload', ['hash']);
  assertRefusal(await upload({ ...second, hash: 'no hash' }), 'invalid_upload', ['hash']);
  const short = { ...second, bytes: second.bytes.subarray(1) };
  assertRefusal(await upload(short), 'invalid_upload', ['Content-Range']);
  const long = { ...second, bytes: Buffer.concat([second.bytes, Buffer.alloc(1)]) };
  assertRefusal(await upload(long), 'invalid_upload', ['Content-Range']);
  for (const range of [
    ...['bytes 5-4/10', 'bytes 0-10/10', 'bytes 0-9/*', 'bytes=0-9/10', 'part 0/*', 'part 1/2', 'part', ''],
    `bytes 0-999/${2 ** 60}`,
  ]) {
    assertRefusal(await upload({ ...second, range }), 'invalid_upload', ['Content-Range']);
  }
  assertRefusal(await upload({ ...second, range: 'bytes 1000-1999/2001' }), 'invalid_upload', [
    'Content-Range',
  ]);
  assertRefusal(await upload({ ...second, range: 'part 2/2' }), 'invalid_upload', ['Content-Range']);
  const gap = await complete(id);
  assertRefusal(gap, 'upload_incomplete');
  assert.match(gap.body.message, /bytes 1000–1999 of 2000 are missing/);
  assert.deepEqual(receiver.types(id), []);
  assert.equal((await client.expect(200, 'GET', `/media/${id}`)).data.status, 'new');
  assert.equal((await upload(second)).status, 200);
  await assertReceived(id, bytes);
});

test("an upload without parts can't be completed", async () => {
  const { id } = await client.createMedia();
  assertRefusal(await complete(id), 'upload_incomplete');
  assertRefusal(await client.uploadPart(id, { bytes: Buffer.alloc(0) }), 'invalid_upload', ['file']);
  assertRefusal(await sendForm(id, [['hash', 'f'.repeat(32)]]), 'invalid_upload', ['file']);
  assertRefusal(await sendForm(id, []), 'invalid_upload', ['file']);
  assertRefusal(await client.call('POST', `/media/${id}/part`, { file: 'x' }), 'unsupported_media_type');
  assertRefusal(await client.call('POST', `/media/${id}/part`), 'unsupported_media_type');
  assertRefusal(await complete(id), 'upload_incomplete');
  assert.deepEqual(receiver.types(id), []);
});

test('a form with two files is refused, and neither is kept', async () => {
  const { id } = await client.createMedia();
  const two = [
    ['file', randomBytes(1000)],
    ['file', randomBytes(1000)],
  ] as const;
  assertRefusal(await sendForm(id, two), 'invalid_upload');
  assertRefusal(await complete(id), 'upload_incomplete');
});

test('an upload that is completed many times at once is received once', async () => {
  const { id } = await client.createMedia();
  const bytes = randomBytes(5000);
  for (const part of slices(bytes, 1000)) await client.uploadPart(id, part);
  const answers = await Promise.all(Array.from({ length: 20 }, () => complete(id)));
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  await assertReceived(id, bytes);
});

test('a HEAD does not complete an upload, as the GET does', async () => {
  const { id } = await client.createMedia();
  await client.uploadPart(id, { bytes: randomBytes(1000) });
  const { publicKey, secretKey } = client.credentials;
  const response = await fetch(`${service.service.url}/api/media/${id}/complete`, {
    method: 'HEAD',
    headers: { 'stream-public-key': publicKey, 'stream-secret-key': secretKey },
  });
  assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET']);
  assert.equal((await client.expect(200, 'GET', `/media/${id}`)).data.size, 0);
});

test('a completed upload accepts no part', async () => {
  const { id } = await client.createMedia();
  const bytes = randomBytes(1000);
  assert.equal((await client.uploadPart(id, { bytes })).status, 200);
  await assertReceived(id, bytes);
  assertRefusal(await client.uploadPart(id, { bytes: randomBytes(8 * MIB) }), 'conflict');
  await assertReceived(id, bytes);
});

test('a file that is too large is refused with its first part, and the connection stays open', async () => {
  const { id } = await client.createMedia();
  const part = randomBytes(MIB);
  const announced = await client.uploadPart(id, { bytes: part, range: `bytes 0-${MIB - 1}/${33 * MIB}` });
  assertRefusal(announced, 'too_large');
  assertRefusal(await client.uploadPart(id, { bytes: Buffer.alloc(33 * MIB) }), 'too_large');
  for (let number = 1; number <= 2; number += 1) {
    const half = { bytes: Buffer.alloc(16 * MIB), range: `part ${number}/*` };
    assert.equal((await client.uploadPart(id, half)).status, 200);
  }
  assertRefusal(await client.uploadPart(id, { bytes: Buffer.alloc(1), range: 'part 3/3' }), 'too_large');
});
