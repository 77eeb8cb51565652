import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { ServiceError } from '../../../src/domain/errors.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { scrape } from '../../support/service/metrics.ts';
import { openSocket } from '../../support/service/raw-http.ts';
import { RouteCounts, Way } from './two-ways.ts';

/** Troubles after an ordinary request has begun. Each case is compared with a service that uses Fastify alone. */

/** Memory for two bodies of 40,000 bytes, of which one account gets one. */
const BODY_MEMORY = { bodies: 100_000, forms: 10_000 };

let ways: [direct: Way, usual: Way];
const routed = new RouteCounts();

before(async () => {
  ways = await Promise.all([Way.start(true, BODY_MEMORY), Way.start(false, BODY_MEMORY)]);
});

after(async () => {
  routed.stop();
  await Promise.all(ways.map((way) => way.service.stop()));
});

/** Runs a case with both services, and asserts that they answer alike. Returns the answer. */
async function alike(run: (way: Way) => Promise<string>): Promise<string> {
  const [direct, usual] = await Promise.all(ways.map(async (way) => way.plain(await run(way))));
  assert.equal(direct, usual);
  return direct ?? '';
}

function bodyFor({ service: { client } }: Way, fields: object = {}): string {
  const event = { type: 'file.received', event_id: 'one', media_id: 'm', user_id: client.credentials.userId };
  return JSON.stringify({ ...event, ...fields });
}

/** Writes the head of a request, and returns a function that writes its body and reads the answer. */
async function begin(way: Way, headers: Record<string, string>, bytes: number) {
  const socket = await openSocket(way.url);
  const all = { host: 'there', 'content-type': 'application/json', 'content-length': bytes, ...headers };
  const lines = Object.entries({ ...all, connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`POST /api/events HTTP/1.1\r\n${lines.join('')}\r\n`);
  return { socket, end: (body: string) => end(socket, body) };
}

async function end(socket: Socket, body: string): Promise<string> {
  socket.write(body);
  return Buffer.concat(await socket.toArray()).toString('latin1');
}

async function publish(
  way: Way,
  fields: object = {},
  headers = way.service.operator.headers,
): Promise<string> {
  const body = bodyFor(way, fields);
  return (await begin(way, headers, body.length)).end(body);
}

test('an ordinary request is answered without the route, and its answer has the same bytes', async () => {
  // The credential of the first request must be looked up.
  for (const way of ways) await publish(way);
  const counts = ways.map((way) => routed.of(way));
  assert.match(await alike((way) => publish(way)), /^HTTP\/1\.1 202 Accepted\r\nx-request-id: <new>\r\n/);
  assert.equal(routed.of(ways[0]), counts[0]);
  assert.ok(routed.of(ways[1]) > (counts[1] ?? 0));
});

test('an error of a commit is answered, and only that commit is tried', async () => {
  const failures: [failure: () => Error, status: number][] = [
    [() => new ServiceError('overloaded', 'too many events'), 503],
    [() => new ServiceError('storage_full', 'the disk is full'), 503],
    [() => Object.assign(new Error('write'), { code: 'ENOSPC' }), 503],
    [() => Object.assign(new Error('open'), { code: 'EMFILE' }), 503],
    [() => new Error('a defect'), 500],
  ];
  for (const [failure, status] of failures) {
    const tried = ways.map((way) => way.committed.length);
    for (const way of ways) way.failNext = failure;
    assert.ok((await alike((way) => publish(way))).startsWith(`HTTP/1.1 ${status} `), String(failure()));
    assert.deepEqual(
      ways.map((way) => way.committed.length),
      tried.map((count) => count + 1),
    );
  }
});

test('a fault that is found after the request was begun is answered with its field', async () => {
  const stranger = '0197c0de-0000-7000-8000-000000000002';
  assert.match(await alike((way) => publish(way, { user_id: stranger })), /"field":"user_id"/);
  assert.match(await alike((way) => publish(way, { status: 'done' })), /"field":"status"/);
  assert.match(await alike((way) => publish(way, { titel: 'x' })), /202 Accepted[\s\S]*"field":"titel"/);
});

test('a credential that is revoked while the body arrives is refused, and one that another ended is not', async () => {
  const answer = await alike(async (way) => {
    const { operator } = way.service;
    const { api_key: key } = (await operator.expect(201, 'POST', '/api_keys', { api_key_name: 'x' })).data;
    const headers = { 'stream-public-key': key.public_key, 'stream-secret-key': key.secret };
    await publish(way, {}, headers);
    const body = bodyFor(way, { event_id: 'revoked' });
    const others = await Promise.all([headers, operator.headers].map((one) => begin(way, one, body.length)));
    for (const { socket } of others) socket.write(body.slice(0, 10));
    // The service has read the heads of both once it answers a later request.
    await publish(way);
    await operator.expect(200, 'DELETE', `/api_keys/${key.id}`);
    return (await Promise.all(others.map(({ end }) => end(body.slice(10))))).join('\n');
  });
  assert.match(
    answer,
    /^HTTP\/1\.1 401 [\s\S]*revoked while the request was being received[\s\S]*HTTP\/1\.1 202 /,
  );
});

test('a body for which there is no memory is refused, until the body before it has been answered', async () => {
  const bytes = 40_000;
  const answers = await alike(async (way) => {
    const { headers } = way.service.operator;
    const body = bodyFor(way, { event_id: 'large' }).padEnd(bytes);
    const first = await begin(way, headers, bytes);
    first.socket.write(body.slice(0, 10));
    await publish(way);
    const refused = await (await begin(way, headers, bytes)).end(body);
    const accepted = await first.end(body.slice(10));
    const later = await (await begin(way, headers, bytes)).end(body);
    return [refused.replaceAll(/^Connection: .*\r\n(?:Keep-Alive: .*\r\n)?/gm, ''), accepted, later].join(
      '\n',
    );
  });
  assert.match(answers, /^HTTP\/1\.1 503 [\s\S]*too many large requests[\s\S]* 202 [\s\S]* 202 /);
  for (const way of ways) {
    const samples = await scrape(way.url);
    assert.equal(samples.get('mediahooks_requests_refused_total{limit="bodies"}'), 1);
  }
});

test('a client that disconnects in its body leaves nothing, and its connection is not answered', async () => {
  const committed = ways.map((way) => way.committed.length);
  for (const way of ways) {
    const { socket } = await begin(way, way.service.operator.headers, 40_000);
    socket.write('[');
    await publish(way);
    socket.destroy();
    await once(socket, 'close');
    await eventually('the request is over', async () => (await publish(way)).includes('202'));
  }
  assert.deepEqual(
    ways.map((way) => way.committed.length),
    committed.map((count) => count + 2),
  );
});

test('a request that was begun before the service stops is answered, and a later one is refused', async () => {
  const answers = await alike(async (way) => {
    const body = bodyFor(way, { event_id: 'last' });
    const begun = await Promise.all(
      [{}, {}].map(() => begin(way, way.service.operator.headers, body.length)),
    );
    const idle = await openSocket(way.url);
    await publish(way);
    const stopped = way.service.service.stop();
    const [first, second] = begun;
    const unknown = body.replace('"event_id"', '"event_ix"');
    const answered = [await first?.end(body), await second?.end(unknown)];
    idle.destroy();
    await stopped;
    // The order of headers differs, because Fastify announces first that it closes a connection that it gets late.
    return answered.map((answer = '') => answer.split('\r\n').toSorted().join('\r\n')).join('\n');
  });
  assert.match(answers, /HTTP\/1\.1 202 [\s\S]*HTTP\/1\.1 400 /);
});
