import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { ServiceProcess } from '../support/service-process.ts';

const CHUNK = Buffer.alloc(1024 * 1024, 7);
const CHUNKS = 256;
/** How much the service's memory may grow while it takes a part of 256 MiB, in KiB. */
const MAX_GROWTH_KIB = 100 * 1024;

let service: ServiceProcess;

before(async () => {
  service = await ServiceProcess.create();
  await service.start();
});

after(() => service.remove());

/** The most memory that the service has ever held, in KiB. */
async function peakMemory(): Promise<number> {
  const status = await readFile(`/proc/${service.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
}

/** A form with one file that is nowhere whole, and its hash after it. */
async function* form(): AsyncGenerator<Uint8Array> {
  const hash = createHash('md5');
  yield Buffer.from('--limit\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n');
  for (let count = 0; count < CHUNKS; count += 1) {
    hash.update(CHUNK);
    yield CHUNK;
  }
  yield Buffer.from(
    `\r\n--limit\r\ncontent-disposition: form-data; name="hash"\r\n\r\n${hash.digest('hex')}\r\n--limit--\r\n`,
  );
}

test('a large part takes no more memory than a small one', async () => {
  const { client } = service;
  const { id } = await client.createMedia();
  const small = await client.createMedia();
  assert.equal((await client.uploadPart(small.id, { bytes: CHUNK })).status, 200);
  const before = await peakMemory();
  const answer = await client.send(`/media/${id}/part`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=limit' },
    body: ReadableStream.from(form()),
    duplex: 'half',
  });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const growth = (await peakMemory()) - before;
  assert.ok(growth < MAX_GROWTH_KIB, `grew by ${growth} KiB`);
  await client.expect(200, 'DELETE', `/media/${id}`);
});
