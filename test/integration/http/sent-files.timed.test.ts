import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { mediaDir, publicDir } from '../../../src/media/files/media-files.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import type { ApiClient } from '../../support/service/api-client.ts';
import { scrape } from '../../support/service/metrics.ts';
import { openSocket, parseAnswer } from '../../support/service/raw-http.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** Maximum number of files at the same time. One client gets half of them, two get a third each. */
const MOST = 6;
const IDLE_MS = 400;
/** More than the buffers of both sides of a connection take. */
const FILE_BYTES = 30_000_000;

let service: TestService;
let path: string;

before(async () => {
  service = await startTestService({}, { sentFiles: MOST, bodyIdleMs: IDLE_MS });
  const { id } = await service.client.createMedia();
  const dir = publicDir(mediaDir(service.dataDir, id));
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'download.mp4'), Buffer.alloc(FILE_BYTES));
  path = `/assets/${id}/download.mp4`;
});

after(() => service.stop());

function request(socket: Socket, client: ApiClient | null): void {
  const headers = Object.entries({ host: 'x', ...client?.headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`GET ${path} HTTP/1.1\r\n${headers.join('')}\r\n`);
}

/** Requests the file, and takes only the first bytes of the answer. */
async function begin(client: ApiClient | null): Promise<{ socket: Socket; head: string }> {
  const socket = await openSocket(service.service.url);
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once('data', (bytes) => {
    socket.pause();
    resolve(String(bytes));
  });
  request(socket, client);
  return { socket, head: await promise };
}

test('a client that takes no byte of an answer for a time is cut off, however many there are', async () => {
  const stalled = await Promise.all([1, 2, 3].map(() => begin(null)));
  for (const { head } of stalled) assert.match(head, /^HTTP\/1\.1 200 /);
  await eventually('all are cut off', async () =>
    fetch(`${service.service.url}${path}`, { method: 'HEAD' }).then(({ ok }) => ok),
  );
  for (const { socket } of stalled) {
    const bytes = (await socket.toArray().catch(() => [])).reduce((sum, part) => sum + part.length, 0);
    assert.ok(bytes < FILE_BYTES);
  }
});

test('a client that takes bytes now and then gets the whole file', async () => {
  const { socket, head } = await begin(null);
  let bytes = Buffer.byteLength(head);
  for (let pause = 0; pause < 3; pause += 1) {
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS / 2));
    for (let n = 0; n < 20; n += 1) bytes += (socket.read() as Buffer | null)?.length ?? 0;
  }
  for await (const part of socket) {
    bytes += part.length;
    if (bytes >= FILE_BYTES) break;
  }
  assert.ok(bytes >= FILE_BYTES);
});

test('files that are being sent are limited, and a client leaves as many to others as it has', async () => {
  const refusals = async () =>
    (await scrape(service.service.url)).get('mediahooks_requests_refused_total{limit="files"}') ?? 0;
  const refusalsBefore = await refusals();
  const greedy = await Promise.all([1, 2, 3].map(() => begin(service.client)));
  const refused = await begin(service.client);
  assertRefusal(parseAnswer(refused.head), 'overloaded');
  const { client } = await service.newAccount();
  const other = await begin(client);
  assert.match(other.head, /^HTTP\/1\.1 200 /);
  assert.equal(await refusals(), refusalsBefore + 1);
  for (const { socket } of [...greedy, refused, other]) socket.destroy();
  await eventually('what they held is free', async () => {
    const again = await begin(service.client);
    again.socket.destroy();
    return again.head.startsWith('HTTP/1.1 200 ');
  });
});
