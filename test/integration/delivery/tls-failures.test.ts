import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Sender } from '../../../src/delivery/attempt/sender.ts';
import { EgressPolicy } from '../../../src/delivery/egress/policy.ts';
import { type Certificate, Certificates } from '../../support/receivers/certificates.ts';

/** Receivers whose TLS fails, with what the developer of the receiver is told. */

let dir: string;
let certificates: Certificates;
let certificate: Certificate;
let sender: Sender;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-tls-'));
  certificates = new Certificates(dir);
  certificate = certificates.selfSigned('receiver', '-addext', 'subjectAltName=IP:127.0.0.1');
  sender = new Sender({ egress: new EgressPolicy(['127.0.0.1/32']), timeoutMs: 5_000 });
});

after(async () => {
  await sender.close();
  await rm(dir, { recursive: true });
});

const tls = (options: TlsOptions) => () =>
  createTlsServer({ ...certificate, ...options }).on('tlsClientError', () => undefined);
const raw = (take: (socket: Socket) => void) => () =>
  createServer((socket) => take(socket.on('error', () => undefined)));
/** Answers the first bytes with an alert of the level fatal (RFC 8446 section 6). */
const alerting = (description: number) =>
  raw((socket) => socket.once('data', () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, description]))));

const PLAIN =
  'the receiver does not speak TLS on this port; if it speaks plain HTTP there, the URL begins with http:';
const REFUSED =
  'the receiver refused the TLS handshake; perhaps it has no cipher in common with this service, or demands a client certificate';

const FAILURES: Record<string, { start: () => Server; error: string }> = {
  'speaks plain HTTP': { start: () => createHttpServer(), error: PLAIN },
  'speaks another protocol': { start: raw((socket) => socket.write('SSH-2.0-OpenSSH\r\n')), error: PLAIN },
  'has only old versions of TLS': {
    start: tls({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    error: 'the receiver speaks none of the versions of TLS that are accepted here (1.2 and newer)',
  },
  'has no cipher in common': {
    start: tls({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA' }),
    error: REFUSED,
  },
  'closes the connection within the handshake': {
    start: raw((socket) => socket.end()),
    error: 'the receiver closed the connection within the TLS handshake',
  },
  'does not know the name': {
    start: alerting(112),
    error: 'the receiver has no TLS certificate for this name',
  },
  'demands a client certificate': {
    start: alerting(116),
    error: 'the receiver demands a client certificate, which a webhook does not have',
  },
  'has an internal error': {
    start: alerting(80),
    error: 'the receiver ended the TLS handshake because of an internal error',
  },
  'sends an alert that is not known here': {
    start: alerting(49),
    error: 'the TLS handshake failed (tlsv1 alert access denied)',
  },
};

for (const [how, { start, error }] of Object.entries(FAILURES)) {
  test(`a receiver that ${how} is told so in words`, async (t) => {
    const server = start().listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const ended = await sender.post(`https://127.0.0.1:${port}/hook`, { 'webhook-id': 'x' }, '{}');
    assert.deepEqual([ended.status, ended.error, ended.failure], [null, error, 'connection']);
  });
}
