import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import type { ApiClient } from '../../support/service/api-client.ts';
import { openSocket, parseAnswer } from '../../support/service/raw-http.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const MIB = 1024 * 1024;

let service: TestService;

before(async () => {
  service = await startTestService({ MEDIAHOOKS_MAX_ACCOUNT_BYTES: String(10 * MIB) });
});

after(() => service.stop());

/** Begins to send a part of 50 MiB. The returned promise fulfils with the answer. */
async function begin(client: ApiClient, id: string, headers: Record<string, string> = {}) {
  const socket: Socket = await openSocket(service.service.url);
  const all = {
    host: 'x',
    ...client.headers,
    'content-type': 'multipart/form-data; boundary=b',
    'content-length': String(50 * MIB),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST /api/media/${id}/part HTTP/1.1\r\n${lines.join('')}\r\n`);
  socket.write('--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n');
  socket.on('error', () => undefined);
  const answer = once(socket, 'data').then(([bytes]) => parseAnswer(String(bytes)));
  return { socket, answer };
}

test('a part that does not fit is refused while it arrives, and so are several together', async () => {
  const { client } = await service.newAccount();
  const { id } = await client.createMedia();
  const alone = await begin(client, id);
  alone.socket.write(Buffer.alloc(14 * MIB));
  assertRefusal(await alone.answer, 'limit_reached', []);
  alone.socket.destroy();

  const others = await Promise.all(
    Array.from({ length: 3 }, async () => begin(client, (await client.createMedia()).id)),
  );
  for (const { socket } of others) socket.write(Buffer.alloc(6 * MIB));
  assertRefusal(await Promise.race(others.map(({ answer }) => answer)), 'limit_reached', []);
  for (const { socket } of others) socket.destroy();
});

test('a byte range is received at most three times at the same time', async () => {
  const { client } = await service.newAccount();
  const { id } = await client.createMedia();
  const range = { 'content-range': 'bytes 0-999/1000', 'content-length': '2000' };
  const held = [];
  for (let n = 0; n < 4; n += 1) held.push(await begin(client, id, range));
  const refused = await Promise.race(held.map(({ answer }) => answer));
  assertRefusal(refused, 'invalid_upload');
  for (const { socket } of held) socket.destroy();
});
