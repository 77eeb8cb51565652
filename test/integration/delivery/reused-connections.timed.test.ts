import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Exchange } from '../../../src/delivery/attempt/exchange.ts';
import { Sender } from '../../../src/delivery/attempt/sender.ts';
import { ConnectProxy } from '../../../src/delivery/egress/connect-proxy.ts';
import { DnsResolver } from '../../../src/delivery/egress/dns-resolver.ts';
import { EgressPolicy } from '../../../src/delivery/egress/policy.ts';
import { EgressProxy } from '../../../src/delivery/egress/proxy.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { type Certificate, Certificates } from '../../support/receivers/certificates.ts';
import { TestConnectProxy } from '../../support/receivers/connect-proxy.ts';

/** Receivers that close a kept connection just when the next request is sent, each on a real socket. */

const TIMEOUT_MS = 1_000;
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const CLOSED = 'the receiver closed the connection before its answer was complete';

/**
 * Takes a request. Its numbers count from 1: `connection` among all connections, and `nth` among the requests of
 * that connection.
 */
type Behaviour = (socket: Socket, connection: number, nth: number) => void;

let dir: string;
let certificate: Certificate;
const servers: Server[] = [];
const sockets = new Set<Socket>();
/** TCP connections of receivers, by the ports of their clients, so that a TLS connection can be reset, too. */
const transports = new Map<number | undefined, Socket>();

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-reuse-'));
  const certificates = new Certificates(dir);
  setDefaultCACertificates([...getCACertificates('default'), certificates.selfSigned('authority').cert]);
  certificate = certificates.issuedBy('authority', 'receiver', 'IP:127.0.0.1');
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

after(() => rm(dir, { recursive: true }));

interface SetUp {
  /** `webhook-id` of each request that arrived, in order. */
  readonly ids: string[];
  readonly sender: Sender;
  post(id: string): Promise<Exchange>;
  /** Makes a request that is answered, and waits until its connection can be reused. */
  warmUp(): Promise<void>;
  /** Number of connections so far. */
  connections(): number;
}

/** Starts a receiver, and a sender that reaches it directly or through a proxy. */
async function setUp(
  t: TestContext,
  behaviour: Behaviour,
  { tls = false, proxied = false }: { tls?: boolean; proxied?: boolean } = {},
): Promise<SetUp> {
  let connections = 0;
  const ids: string[] = [];
  const take = (socket: Socket) => {
    connections += 1;
    const connection = connections;
    let nth = 0;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      nth += 1;
      ids.push(/webhook-id: (\S+)/.exec(String(chunk))?.[1] ?? '');
      behaviour(socket, connection, nth);
    });
  };
  const server = tls ? createTlsServer(certificate, take) : createServer(take);
  servers.push(server);
  server.on('connection', (socket) => void transports.set(socket.remotePort, socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const resolver = new DnsResolver();
  const egress = new EgressPolicy(['127.0.0.1/32'], resolver);
  const proxy = proxied ? await TestConnectProxy.start(() => port) : null;
  const connectProxy =
    proxy &&
    new ConnectProxy({ proxy: EgressProxy.parse(proxy.url()), egress, resolver, timeoutMs: TIMEOUT_MS });
  const sender = new Sender({ egress, timeoutMs: TIMEOUT_MS, connectProxy });
  t.after(async () => {
    await sender.close();
    proxy?.stop();
  });
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}/hook`;
  const post = (id: string) => sender.post(url, { 'webhook-id': id }, '{}');
  const warmUp = async () => {
    assert.equal((await post('warm-up')).status, 200);
    // undici reuses a connection from the next turn of the event loop on.
    await delay(20);
  };
  return { ids, sender, post, warmUp, connections: () => connections };
}

/** Answers the first request of each connection, and hands the second one to `second`. */
const answeringFirst =
  (second: (socket: Socket) => void): Behaviour =>
  (socket, _connection, nth) =>
    nth === 1 ? socket.write(OK) : second(socket);

const WAYS: Record<string, (socket: Socket) => void> = {
  'closes it': (socket) => socket.end(),
  'resets it': (socket) => transports.get(socket.remotePort)?.resetAndDestroy(),
  'destroys it': (socket) => socket.destroy(),
};

for (const [way, close] of Object.entries(WAYS)) {
  for (const options of [{}, { tls: true }, { proxied: true }, { tls: true, proxied: true }]) {
    const where = `${options.tls ? 'https' : 'http'}${options.proxied ? ' through a proxy' : ''}`;
    test(`a receiver that ${way} when a reused connection gets a request, over ${where}, gets the request once more`, async (t) => {
      const { ids, post, warmUp, connections } = await setUp(t, answeringFirst(close), options);
      await warmUp();
      const { status, response, error } = await post('event');
      assert.deepEqual({ status, response, error }, { status: 200, response: 'ok', error: null });
      assert.deepEqual(ids, ['warm-up', 'event', 'event']);
      assert.equal(connections(), 2);
    });
  }
}

test('a fresh connection that is closed is a failure, and nothing is sent again', async (t) => {
  const { ids, post, connections } = await setUp(t, (socket) => socket.destroy());
  assert.equal((await post('event')).error, CLOSED);
  assert.deepEqual([ids, connections()], [['event'], 1]);
});

test('if the fresh connection is closed too, the attempt fails after two requests', async (t) => {
  const { ids, post, warmUp } = await setUp(t, (socket, connection, nth) =>
    connection === 1 && nth === 1 ? socket.write(OK) : socket.destroy(),
  );
  await warmUp();
  assert.equal((await post('event')).error, CLOSED);
  assert.deepEqual(ids, ['warm-up', 'event', 'event']);
});

test('if any byte of an answer came, nothing is sent again', async (t) => {
  for (const begun of ['H', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 102 Processing\r\n\r\n', 'nonsense']) {
    const { ids, post, warmUp } = await setUp(
      t,
      answeringFirst((socket) => socket.end(begun)),
    );
    await warmUp();
    assert.notEqual((await post('event')).error, null, begun);
    assert.deepEqual(ids, ['warm-up', 'event'], begun);
  }
});

test('the time limit covers both requests', async (t) => {
  const closeLate = (socket: Socket) => setTimeout(() => socket.destroy(), TIMEOUT_MS / 2);
  const { ids, post, warmUp } = await setUp(t, (socket, connection, nth) => {
    if (connection === 1) nth === 1 ? socket.write(OK) : closeLate(socket);
  });
  await warmUp();
  const { error, durationMs } = await post('event');
  assert.equal(error, 'the receiver did not answer within 1 s');
  assert.ok(durationMs >= TIMEOUT_MS && durationMs < TIMEOUT_MS * 1.4, `${durationMs} ms`);
  assert.deepEqual(ids, ['warm-up', 'event', 'event']);
});

test('a stop also interrupts the second request', async (t) => {
  const { ids, post, warmUp, sender } = await setUp(t, (socket, connection, nth) => {
    if (connection === 1) nth === 1 ? socket.write(OK) : socket.destroy();
  });
  await warmUp();
  const posting = post('event');
  await eventually('the second request has arrived', async () => ids.length === 3);
  sender.interrupt();
  const { isInterrupted, status } = await posting;
  assert.deepEqual([isInterrupted, status, sender.inFlight], [true, null, 0]);
});

test('an idle connection is closed before receivers close it unannounced, or as early as they announce', async (t) => {
  const announcing = (header: string): Behaviour => {
    const answer = OK.replace('content-length', `${header}content-length`);
    return (socket) => socket.write(answer);
  };
  const reused = async (header: string, idleMs: number) => {
    const { post, warmUp, connections } = await setUp(t, announcing(header));
    await warmUp();
    await delay(idleMs);
    await post('event');
    return connections() === 1;
  };
  const keepAlive = (seconds: number) => `connection: keep-alive\r\nkeep-alive: timeout=${seconds}\r\n`;
  assert.deepEqual(
    await Promise.all([
      reused('', 500),
      // gunicorn's gthread worker closes after 2 s.
      reused('', 1_800),
      reused(keepAlive(2), 500),
      reused(keepAlive(2), 1_300),
      // A receiver that keeps a connection for one second might close it while a request is on its way.
      reused(keepAlive(1), 0),
      reused(keepAlive(5), 1_800),
    ]),
    [true, false, true, false, false, true],
  );
});
