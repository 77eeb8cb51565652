import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { CHECKED_ELSEWHERE } from '../../support/docs/limits-checked-elsewhere.ts';
import { FfmpegWrapper } from '../../support/media/ffmpeg-wrapper.ts';
import {
  ALL_EVENTS,
  type ApiAnswer,
  type ApiClient,
  formWithFile,
} from '../../support/service/api-client.ts';
import { openSocket, parseAnswer } from '../../support/service/raw-http.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const MAX_CONNECTIONS = 100;
const RECORD_BYTES = 60_000;
/** Memory for sixteen of the largest bodies of one account, or for two forms. */
const BODY_MEMORY = { bodies: 16_500_000, forms: 94_000 };

let service: TestService;
let ffprobe: FfmpegWrapper;
/** Commits of events wait for this promise. */
let commits: Promise<void> = Promise.resolve();

const holdingCommits = (storage: Storage): Storage => ({
  ...storage,
  events: {
    commit: async (...args) => {
      await commits;
      return storage.events.commit(...args);
    },
  },
});

before(async () => {
  ffprobe = await FfmpegWrapper.create('sleep 30');
  service = await startTestService(
    {
      MEDIAHOOKS_MAX_CONNECTIONS: String(MAX_CONNECTIONS),
      MEDIAHOOKS_MAX_WEBHOOKS: '1',
      MEDIAHOOKS_MAX_API_KEYS: '1',
      MEDIAHOOKS_MAX_OPEN_UPLOADS: '3',
      MEDIAHOOKS_MAX_UNFINISHED_MEDIA: '1',
      MEDIAHOOKS_MAX_RECORD_BYTES: String(RECORD_BYTES),
      MEDIAHOOKS_MAX_ACCOUNT_BYTES: '5000',
      // Room for one encode of nothing, and for a thumbnail of a kilobyte.
      MEDIAHOOKS_MAX_ACCOUNT_ENCODED_BYTES: String(2 * 1024 * 1024 + 1_000),
      MEDIAHOOKS_MAX_MEDIA_BYTES: '4000',
      MEDIAHOOKS_RATE_LIMIT_ACCOUNT: '1:200',
      MEDIAHOOKS_FFPROBE: ffprobe.path,
    },
    { bodyMemory: BODY_MEMORY, layer: holdingCommits },
  );
});

after(async () => {
  await service.stop();
  await ffprobe.remove();
});

/** Sends a request that is not complete, and holds its connection. */
async function hold(
  path: string,
  client: ApiClient | null,
  headers: Record<string, string | number>,
): Promise<Socket> {
  const all = { host: 'x', ...client?.headers, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = await openSocket(service.service.url);
  socket.write(`POST /api${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return socket;
}

/** Holds requests until one of them is answered. Returns this answer. */
async function holdUntilRefused(...request: Parameters<typeof hold>): Promise<ApiAnswer> {
  const held: Socket[] = [];
  const { promise: answered, resolve } = Promise.withResolvers<string>();
  let isAnswered = false;
  for (let n = 0; n < MAX_CONNECTIONS / 4 && !isAnswered; n += 1) {
    const socket = await hold(...request);
    socket.on('data', (bytes) => {
      isAnswered = true;
      resolve(String(bytes));
    });
    held.push(socket);
  }
  const answer = parseAnswer(await answered);
  for (const socket of held) socket.destroy();
  return answer;
}

/** Makes a call until it is refused. Returns the refusal. */
async function untilRefused(call: () => Promise<ApiAnswer>, most: number): Promise<ApiAnswer> {
  for (let n = 0; n < most; n += 1) {
    const answer = await call();
    if (answer.status >= 400) return answer;
  }
  return assert.fail(`${most} calls were not refused`);
}

/** Makes a picture of which a thumbnail has several kilobytes. */
async function noise(): Promise<Buffer> {
  const source = ['-v', 'error', '-f', 'lavfi', '-i', 'color=gray:size=160x90,noise=alls=100'];
  const output = ['-frames:v', '1', '-c:v', 'png', '-f', 'image2pipe', '-'];
  const { stdout } = await promisify(execFile)('ffmpeg', [...source, ...output], { encoding: 'buffer' });
  return stdout;
}

const range = (client: ApiClient, id: string, bytes: number, total: number) =>
  client.uploadPart(id, { bytes: randomBytes(bytes), range: `bytes 0-${bytes - 1}/${total}` });

/**
 * For each row of the tables, by its first column: a function that reaches the limit. It returns the answer past the
 * limit, or `null` if it has asserted something else.
 */
const CHECKS: Record<string, (client: ApiClient) => Promise<ApiAnswer | null>> = {
  connections: async () => {
    const sockets = await Promise.all(
      Array.from({ length: MAX_CONNECTIONS }, () => openSocket(service.service.url)),
    );
    const last = await openSocket(service.service.url);
    // The service closes it without an answer.
    assert.equal((await last.toArray().catch(() => [])).length, 0);
    for (const socket of sockets) socket.destroy();
    await eventually('the connections are closed', async () =>
      fetch(`${service.service.url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    return null;
  },
  'headers and URL of a request': (client) =>
    client.call('GET', '/webhooks', undefined, { long: 'x'.repeat(17_000) }),
  'body of a request': (client) => client.call('POST', '/webhooks', { url: 'x'.repeat(600_000) }),
  'values and depth of a body': async (client) => {
    const deep = await client.call('POST', '/webhooks', '['.repeat(10_000) + ']'.repeat(10_000));
    assert.equal(deep.status, 400);
    return client.call('POST', '/webhooks', `{"url":[${'1,'.repeat(26_000)}1]}`);
  },
  'fields of a form with a file': async (client) => {
    const { id } = await client.createMedia();
    const many = formWithFile(Buffer.from('x'));
    for (let n = 0; n < 30; n += 1) many.append(`f${n}`, 'x');
    assert.equal((await client.send(`/media/${id}/part`, { method: 'POST', body: many })).status, 400);
    const long = new FormData();
    long.append('long', 'x'.repeat(2_000));
    long.append('file', new Blob(['x']), 'file');
    return client.send(`/media/${id}/part`, { method: 'POST', body: long });
  },
  'headers and bodies of requests in progress': (client) =>
    holdUntilRefused('/webhooks', client, { 'content-type': 'application/json', 'content-length': 500_000 }),
  'forms of uploads in progress': async (client) => {
    const { id } = await client.createMedia();
    const type = 'multipart/form-data; boundary=b';
    return holdUntilRefused(`/media/${id}/part`, client, {
      'content-type': type,
      'content-length': 1_000_000,
    });
  },
  requests: (client) => untilRefused(() => client.call('GET', '/user/me'), 250),
  'events that wait for a commit': async (client) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    commits = promise;
    const event = { type: 'file.received', media_id: 'm', user_id: client.credentials.userId };
    const events = (batch: number) =>
      Array.from({ length: 1_000 }, (_, n) => ({
        ...event,
        event_id: `${client.credentials.userId}/${batch}/${n}`,
      }));
    const publishing = Array.from({ length: 26 }, (_, batch) =>
      service.operator.call('POST', '/events', events(batch)),
    );
    const refused = await Promise.race(publishing);
    resolve();
    await Promise.all(publishing);
    return refused;
  },
  webhooks: (client) =>
    untilRefused(() => client.call('POST', '/webhooks', { url: 'https://example.com/', ...ALL_EVENTS }), 3),
  'API keys': (client) =>
    untilRefused(() => client.call('POST', '/api_keys', { api_key_name: 'another' }), 3),
  'media whose upload is not complete': (client) =>
    untilRefused(() => client.call('POST', '/media/create', { title: 'x' }), 5),
  'media that wait for their encoding, or are being encoded': (client) =>
    untilRefused(async () => {
      const created = await client.call('POST', '/media/create', { title: 'x' });
      if (created.status !== 200) return created;
      const { id } = created.body.data;
      assert.equal((await client.uploadPart(id, { bytes: Buffer.from('x') })).status, 200);
      return client.call('GET', `/media/${id}/complete`);
    }, 5),
  'rows in the database': async (client) => {
    const { id } = await client.createMedia();
    const tags = Array.from({ length: 50 }, () => 't'.repeat(200));
    let n = 0;
    const refused = await untilRefused(async () => {
      n += 1;
      return client.call('PATCH', `/media/${id}`, { tags: n % 2 === 0 ? tags : [] });
    }, RECORD_BYTES / 800);
    assert.match(refused.body.message, /records of the account take \d+ bytes/);
    await client.expect(200, 'GET', '/media');
    await client.expect(200, 'DELETE', `/media/${id}`);
    return refused;
  },
  'uploaded files': async (client) => {
    for (let n = 0; n < 2; n += 1) {
      const { id } = await client.createMedia();
      const answer = await client.uploadPart(id, { bytes: randomBytes(3_000) });
      if (n === 1) return answer;
    }
    return null;
  },
  'encoded files and thumbnails': async (client) => {
    const { id } = await client.createMedia();
    const body = formWithFile(await noise());
    assert.equal((await client.send(`/media/${id}/thumbnail`, { method: 'POST', body })).status, 200);
    return client.call('POST', '/media/create', { title: 'x' });
  },
  'one uploaded file': async (client) => {
    const { id } = await client.createMedia();
    return client.uploadPart(id, { bytes: randomBytes(4_001) });
  },
  'parts of an upload in byte ranges': async (client) => {
    const { id } = await client.createMedia();
    const sizes = [100, 99, 98, 97];
    for (const size of sizes.slice(0, 3)) assert.equal((await range(client, id, size, 100)).status, 200);
    return range(client, id, sizes[3] ?? 0, 100);
  },
  'one picture': async (client) => {
    const { id } = await client.createMedia();
    const body = formWithFile(Buffer.alloc(21 * 1024 * 1024));
    return client.send(`/media/${id}/thumbnail`, { method: 'POST', body });
  },
  'texts of a media': async (client) => {
    const long = await client.call('POST', '/media/create', { title: 'x', tags: ['t'.repeat(256)] });
    assert.equal(long.status, 400);
    return client.call('POST', '/media/create', {
      title: 'x',
      tags: Array.from({ length: 51 }, (_, n) => `${n}`),
    });
  },
  'qualities of a media': (client) =>
    client.call('POST', '/media/create', {
      title: 'x',
      qualities: Array.from({ length: 21 }, () => ({ resolution: '720p' })),
    }),
  'headers of a webhook': (client) =>
    client.call('POST', '/webhooks', {
      url: 'https://example.com/',
      ...ALL_EVENTS,
      headers: { a: 'x'.repeat(2_100), b: 'x'.repeat(2_100) },
    }),
  'bulk resends that run': async (client) => {
    const { id } = await client.createWebhook('https://example.com/');
    await client.expect(200, 'POST', `/webhooks/${id}/pause`);
    let n = 0;
    return untilRefused(() => {
      n += 1;
      return client.call('POST', `/webhooks/${id}/recover`, { since: new Date(n * 1_000).toISOString() });
    }, 12);
  },
};

async function rowsOf(page: string): Promise<{ held: string; past: string }[]> {
  const text = await readFile(new URL(`../../../docs/operating/${page}`, import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| ([^|]+) \| [^|]+ \| [^|]+ \| ([^|]+) \|$/gm)];
  return rows
    .map(([, held = '', past = '']) => ({ held, past }))
    .filter(({ held }) => held !== 'held' && !held.startsWith('-'));
}

const rows = await rowsOf('held.md');

describe('each limit of docs/operating/held.md', () => {
  test('has a check, and each check has a row', () => {
    const checked = [...Object.keys(CHECKS), ...Object.keys(CHECKED_ELSEWHERE)];
    assert.deepEqual(checked.toSorted(), rows.map(({ held }) => held).toSorted());
  });

  for (const { held, past } of rows) {
    const elsewhere = CHECKED_ELSEWHERE[held];
    if (elsewhere !== undefined) {
      const [file, title] = elsewhere;
      test(`${held}: is checked in ${file}`, async () => {
        const text = await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8');
        // The title is that of a test, which is not skipped. A test of the table would need much longer.
        const calls = text.match(new RegExp(`\\b(?:test|storageTest)\\(\\s*'${RegExp.escape(title)}',`, 'g'));
        assert.equal(calls?.length, 1, title);
      });
      continue;
    }
    test(`${held}: ${past}`, async () => {
      const { client } = await service.newAccount();
      const answer = await CHECKS[held]?.(client);
      if (answer === null) return;
      const [, status, code] = /^(\d{3}) `(\w+)`/.exec(past) ?? assert.fail(past);
      assert.deepEqual(
        [answer?.status, answer?.body.code],
        [Number(status), code],
        JSON.stringify(answer?.body).slice(0, 500),
      );
    });
  }
});
