import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { memoryMiB } from '../../support/service/processes.ts';
import { ServiceProcess } from '../../support/service/service-process.ts';

const CHUNK = Buffer.alloc(1024 * 1024, 7);
const CHUNKS = 256;
/** Bytes by which the service's memory may grow while it receives a part of 256 MiB. */
const MAX_GROWTH_MIB = 100;

let service: ServiceProcess;

before(async () => {
  service = await ServiceProcess.create();
  await service.start();
});

after(() => service.remove());

/** A form with one file that is never whole in memory, and its hash after it. */
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
  const before = memoryMiB(service.pid).peak;
  const answer = await client.send(`/media/${id}/part`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=limit' },
    body: ReadableStream.from(form()),
    duplex: 'half',
  });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const growth = memoryMiB(service.pid).peak - before;
  assert.ok(growth < MAX_GROWTH_MIB, `grew by ${growth} MiB`);
  await client.expect(200, 'DELETE', `/media/${id}`);
});
