import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import type { Exchange } from '../../../src/delivery/attempt/exchange.ts';
import type { ExchangeFailure } from '../../../src/delivery/attempt/explain-failure.ts';
import { Sender } from '../../../src/delivery/attempt/sender.ts';
import { ConnectProxy } from '../../../src/delivery/egress/connect-proxy.ts';
import { DnsResolver } from '../../../src/delivery/egress/dns-resolver.ts';
import { EgressPolicy, HOST_REFUSED } from '../../../src/delivery/egress/policy.ts';
import { EgressProxy } from '../../../src/delivery/egress/proxy.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { type Certificate, Certificates } from '../../support/receivers/certificates.ts';
import { type ConnectAnswer, refusing, TestConnectProxy } from '../../support/receivers/connect-proxy.ts';
import { NameServer, type Zone } from '../../support/receivers/name-server.ts';

/** Receivers through a real forward proxy on loopback, which connects public addresses to receivers on this machine. */

const PUBLIC = '93.184.215.14';
const OTHER_PUBLIC = '93.184.215.15';
const SIX = '2606:4700:4700::1111';
const TIMEOUT_MS = 1_000;

let dir: string;
let certificates: Certificates;
let certificate: Certificate;
/** Requests that receivers got, by the receivers' ports. */
let plain: number;
let secure: number;
let received: { host: string | undefined; servername: string | false | null; headers: string[] }[] = [];
const servers: Server[] = [];

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-proxy-'));
  certificates = new Certificates(dir);
  const authority = certificates.selfSigned('authority');
  setDefaultCACertificates([...getCACertificates('default'), authority.cert]);
  certificate = certificates.issuedBy('authority', 'receiver', `DNS:receiver.example,IP:${SIX}`);
  plain = await listening(createServer(take));
  secure = await listening(createTlsServer(certificate, take));
});

after(async () => {
  for (const server of servers) server.close();
  await rm(dir, { recursive: true });
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function take({ headers, socket }: IncomingMessage, response: ServerResponse): void {
  const { servername = null } = socket as TLSSocket;
  received.push({ host: headers.host, servername, headers: Object.keys(headers) });
  response.end('taken');
}

/** Connects to the receiver that speaks the protocol of the port. */
const tunnelling: ConnectAnswer = ({ authority }) => (authority.endsWith(':443') ? secure : plain);

const ADDRESSES: Zone = (name) => (name.startsWith('receiver') ? [PUBLIC] : 'absent');

interface SetUp {
  readonly proxy: TestConnectProxy;
  readonly sender: Sender;
  readonly names: NameServer;
  post(url: string): Promise<Exchange>;
}

/** Starts a proxy, receivers and a sender. @param proxyUrl overrides the URL of the proxy */
async function setUp(
  t: TestContext,
  answer: ConnectAnswer,
  {
    zone = ADDRESSES,
    userinfo = '',
    tls,
    proxyUrl,
  }: {
    zone?: Zone;
    userinfo?: string;
    tls?: Certificate;
    proxyUrl?: (proxy: TestConnectProxy) => string;
  } = {},
): Promise<SetUp> {
  received = [];
  const names = await NameServer.start(zone, { ttl: 0 });
  const proxy = await TestConnectProxy.start(answer, tls);
  const resolver = new DnsResolver({ servers: [names.address], timeoutMs: TIMEOUT_MS / 2 });
  const egress = new EgressPolicy([], resolver);
  const connectProxy = new ConnectProxy({
    proxy: EgressProxy.parse(proxyUrl?.(proxy) ?? proxy.url(userinfo)),
    egress,
    resolver,
    timeoutMs: TIMEOUT_MS,
  });
  const sender = new Sender({ egress, timeoutMs: TIMEOUT_MS, connectProxy });
  t.after(async () => {
    await sender.close();
    proxy.stop();
    names.stop();
  });
  const headers = { 'content-type': 'application/json' };
  return { proxy, sender, names, post: (url) => sender.post(url, headers, '{}') };
}

function assertTaken({ status, response, error }: Exchange): void {
  assert.deepEqual({ status, response, error }, { status: 200, response: 'taken', error: null });
}

test('http and https use CONNECT to the checked address; the name stays in Host and in TLS', async (t) => {
  const { proxy, post } = await setUp(t, tunnelling);
  assertTaken(await post('http://receiver.example/hook'));
  assertTaken(await post('https://receiver.example/hook'));
  assertTaken(await post('http://receiver.example:8080/hook'));
  assert.deepEqual(
    proxy.asked.map(({ authority, host }) => [authority, host]),
    [`${PUBLIC}:80`, `${PUBLIC}:443`, `${PUBLIC}:8080`].map((authority) => [authority, authority]),
  );
  assert.equal(proxy.forwarded, 0);
  assert.deepEqual(
    received.map(({ host, servername }) => [host, servername]),
    [
      ['receiver.example', null],
      ['receiver.example', 'receiver.example'],
      ['receiver.example:8080', null],
    ],
  );
});

test('addresses of both families may be written in the URL', async (t) => {
  const { proxy, post } = await setUp(t, tunnelling);
  assertTaken(await post(`http://${PUBLIC}/hook`));
  assertTaken(await post(`https://[${SIX}]/hook`));
  assert.deepEqual(
    proxy.asked.map(({ authority }) => authority),
    [`${PUBLIC}:80`, `[${SIX}]:443`],
  );
});

test('a tunnel is reused', async (t) => {
  const { proxy, post } = await setUp(t, tunnelling);
  for (let nth = 0; nth < 5; nth += 1) assertTaken(await post('https://receiver.example/hook'));
  assert.equal(received.length, 5);
  // A second tunnel is opened if a request comes before undici knows that the first is free.
  assert.ok(proxy.asked.length <= 2, String(proxy.asked.length));
});

test('many requests at once have a tunnel each', async (t) => {
  const { proxy, post } = await setUp(t, tunnelling);
  const posts = Array.from({ length: 20 }, () => post('http://receiver.example/hook'));
  for (const exchange of await Promise.all(posts)) assertTaken(exchange);
  assert.ok(proxy.asked.length > 1 && proxy.asked.length <= 20);
});

test('credentials are sent to the proxy, with each CONNECT, and to no other server', async (t) => {
  const { proxy, post } = await setUp(t, tunnelling, { userinfo: 'us%C3%A9r:p%40ss%3Aw%2Frd' });
  for (const scheme of ['http', 'https']) assertTaken(await post(`${scheme}://receiver.example/hook`));
  const expected = `Basic ${Buffer.from('usér:p@ss:w/rd').toString('base64')}`;
  assert.deepEqual(
    proxy.asked.map(({ authorization }) => authorization),
    [expected, expected],
  );
  for (const { headers } of received) assert.ok(!headers.includes('proxy-authorization'));
});

test('the proxy is not asked for an address that may not be reached', async (t) => {
  const zone: Record<string, string[]> = {
    'inside.example': ['10.0.0.1'],
    'both.example': [PUBLIC, '127.0.0.1'],
    'metadata.google.internal': ['169.254.169.254'],
  };
  const { proxy, names, post } = await setUp(t, tunnelling, { zone: (name) => zone[name] ?? [PUBLIC] });
  for (const host of [...Object.keys(zone), '127.0.0.1', '2130706433', '[::1]', 'localhost', '10.0.0.1']) {
    for (const scheme of ['http', 'https']) {
      const { status, error } = await post(`${scheme}://${host}/hook`);
      assert.equal(status, null, host);
      assert.equal(error, HOST_REFUSED, host);
    }
  }
  assert.match((await post('http://receiver.example:6379/hook')).error ?? '', /the port 6379 is not one/);
  names.zone = () => ['127.0.0.1'];
  assert.equal((await post('http://receiver.example/hook')).error, HOST_REFUSED);
  const { error, failure } = await setUp(t, tunnelling).then(({ post }) => post('http://absent.example/'));
  assert.deepEqual([error, failure], [HOST_REFUSED, 'connection']);
  assert.deepEqual(proxy.asked, []);
});

test("the name's next address is tried if the proxy can't reach one", async (t) => {
  const answer: ConnectAnswer = (asked, socket) =>
    asked.authority.startsWith(`${PUBLIC}:`) ? refusing(502)(asked, socket) : tunnelling(asked, socket);
  const { proxy, post } = await setUp(t, answer, { zone: () => [PUBLIC, OTHER_PUBLIC] });
  assertTaken(await post('https://receiver.example/hook'));
  assert.deepEqual(
    proxy.asked.map(({ authority }) => authority),
    [`${PUBLIC}:443`, `${OTHER_PUBLIC}:443`],
  );
});

test('the proxy may speak TLS, and have a name; receivers may speak TLS within it', async (t) => {
  const tls = certificates.issuedBy('authority', 'proxy', 'DNS:proxy.internal');
  const zone: Zone = (name) => (name === 'proxy.internal' ? ['127.0.0.1'] : [PUBLIC]);
  const proxyUrl = (proxy: TestConnectProxy) => proxy.url('u:p', 'proxy.internal');
  const { proxy, post } = await setUp(t, tunnelling, { zone, tls, proxyUrl });
  for (const scheme of ['http', 'https']) assertTaken(await post(`${scheme}://receiver.example/hook`));
  assert.equal(proxy.asked.length, 2);
});

/** Failures of a proxy, with the error of the attempt. */
const FAILURES: Record<string, { answer: ConnectAnswer; error: RegExp; failure?: ExchangeFailure }> = {
  'asks for credentials': {
    answer: refusing(407, 'proxy-authenticate: Basic realm="out"\r\n'),
    error: /^the egress proxy asks for credentials \(it answered 407\)$/,
  },
  'does not reach the receiver': {
    answer: refusing(502),
    error: /^the egress proxy could not connect to the receiver \(it answered 502\)$/,
  },
  'refuses the receiver': {
    answer: refusing(403),
    error: /^the egress proxy refused to connect to the receiver \(it answered 403\)$/,
  },
  'answers 410, which is not the receiver': {
    answer: refusing(410),
    error: /^the egress proxy refused to connect to the receiver \(it answered 410\)$/,
  },
  redirects: {
    answer: refusing(302, 'location: http://127.0.0.1/\r\n'),
    error: /^the egress proxy refused to connect to the receiver \(it answered 302\)$/,
  },
  hangs: {
    answer: () => undefined,
    error: /^the egress proxy did not open a connection to the receiver within 0\.75 s$/,
    failure: 'timeout',
  },
  'closes the connection': {
    answer: (_asked, socket) => void socket.end(),
    error: /^the egress proxy failed: the proxy closed the connection before its answer was complete$/,
  },
  'resets the connection': {
    answer: (_asked, socket) => void (socket as Socket).resetAndDestroy(),
    error: /^the egress proxy failed: the proxy closed the connection before its answer was complete$/,
  },
  'closes it in mid-answer': {
    answer: (_asked, socket) => void socket.end('HTTP/1.1 200 Conn'),
    error: /^the egress proxy failed: the (proxy closed the connection|answer is not HTTP)/,
  },
  'speaks something else': {
    answer: (_asked, socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
    error: /^the egress proxy failed: the answer is not HTTP/,
  },
};

for (const [what, { answer, error, failure = 'connection' }] of Object.entries(FAILURES)) {
  test(`a proxy that ${what} ends as an attempt that says so, after one CONNECT`, async (t) => {
    const { proxy, post } = await setUp(t, answer);
    for (const scheme of ['http', 'https']) {
      const before = proxy.asked.length;
      const ended = await post(`${scheme}://receiver.example/hook`);
      assert.match(ended.error ?? '', error);
      assert.deepEqual([ended.status, ended.failure], [null, failure]);
      assert.equal(proxy.asked.length, before + 1);
    }
    await eventually('its connections are closed', async () => proxy.open === 0);
    assert.equal(received.length, 0);
  });
}

test('the error of an attempt says that the proxy refuses credentials, is absent, has no name or is not trusted', async (t) => {
  const errorOf = async (options: Parameters<typeof setUp>[2], answer = tunnelling) => {
    const { post } = await setUp(t, answer, options);
    const { status, error, failure } = await post('https://receiver.example/hook');
    assert.deepEqual([status, failure], [null, 'connection']);
    return error;
  };
  assert.equal(
    await errorOf({ userinfo: 'user:wrong' }, refusing(407)),
    'the egress proxy refused the credentials of this service (it answered 407)',
  );
  assert.equal(
    await errorOf({ proxyUrl: () => 'http://user:secret@127.0.0.1:2' }),
    'the egress proxy failed: the connection was refused',
  );
  assert.equal(
    await errorOf({ proxyUrl: () => 'http://user:secret@absent.internal:3128' }),
    "the egress proxy failed: the proxy's name does not resolve",
  );
  const elsewhere = certificates.issuedBy('authority', 'elsewhere', 'DNS:other.example');
  assert.equal(
    await errorOf({ tls: elsewhere }),
    "the egress proxy failed: the proxy's TLS certificate is for another name",
  );
  const self = certificates.selfSigned('self', '-addext', 'subjectAltName=IP:127.0.0.1');
  assert.equal(
    await errorOf({ tls: self }),
    "the egress proxy failed: the proxy's TLS certificate is self-signed",
  );
});

test("a fault of a receiver behind a proxy is reported as the receiver's", async (t) => {
  const elsewhere = certificates.issuedBy('authority', 'wrong', 'DNS:other.example');
  const wrong = await listening(createTlsServer(elsewhere, take));
  const closing = await listening(createTcpServer((socket) => socket.once('data', () => socket.destroy())));
  const silent = await listening(createTcpServer((socket) => socket.on('error', () => undefined)));
  let to = wrong;
  const { post } = await setUp(t, () => to);
  const errorAt = async (port: number, scheme: string) => {
    to = port;
    const { status, error } = await post(`${scheme}://receiver${port}${scheme}.example/hook`);
    assert.equal(status, null);
    return error;
  };
  assert.equal(await errorAt(wrong, 'https'), "the receiver's TLS certificate is for another name");
  const closed = 'the receiver closed the connection before its answer was complete';
  assert.equal(await errorAt(closing, 'http'), closed);
  const withinHandshake = 'the receiver closed the connection within the TLS handshake';
  assert.equal(await errorAt(closing, 'https'), withinHandshake);
  const late = /^(the receiver did not answer within 1 s|the connection timed out)$/;
  assert.match((await errorAt(silent, 'http')) ?? '', late);
  assert.match((await errorAt(silent, 'https')) ?? '', late);
  assert.match((await errorAt(plain, 'https')) ?? '', /^the receiver does not speak TLS on this port/);
});

test('closing the sender ends tunnels that are being opened', async (t) => {
  const { proxy, sender, post } = await setUp(t, () => undefined);
  const posting = post('https://receiver.example/hook');
  await eventually('the proxy was asked', async () => proxy.asked.length === 1);
  const before = performance.now();
  await sender.close();
  const { status, error } = await posting;
  assert.equal(status, null);
  assert.notEqual(error, null);
  await eventually('its connection is closed', async () => proxy.open === 0);
  assert.ok(performance.now() - before < TIMEOUT_MS / 2);
});
