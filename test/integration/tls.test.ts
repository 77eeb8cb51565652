import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { attemptsOf, deliveriesOf, untilNonePending } from '../support/deliveries.ts';
import { publish, publishedEvent } from '../support/published-events.ts';
import { ServiceProcess } from '../support/service-process.ts';

/** Receivers over TLS, with certificates that openssl makes here. */

let dir: string;
let service: ServiceProcess;
let events = 0;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-tls-'));
  selfSigned('trusted-authority');
  selfSigned('other-authority');
  service = await ServiceProcess.create({ settings: { MEDIAHOOKS_RETRY_DELAYS: '' } });
  await service.start({ NODE_EXTRA_CA_CERTS: join(dir, 'trusted-authority.pem') });
});

after(async () => {
  await service.remove();
  await rm(dir, { recursive: true });
});

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function selfSigned(name: string, ...extensions: string[]): void {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
  openssl('req', '-x509', ...KEY, ...files, '-days', '2', '-subj', `/CN=${name}`, ...extensions);
}

async function issuedBy(authority: string, name: string, san: string): Promise<void> {
  openssl('req', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
  await writeFile(join(dir, `${name}.ext`), `subjectAltName=${san}\n`);
  const issuer = ['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-CAcreateserial'];
  const files = ['-in', `${name}.csr`, '-extfile', `${name}.ext`, '-out', `${name}.pem`];
  openssl('x509', '-req', ...issuer, ...files, '-days', '2');
}

/** The one attempt of an event that is owed to a receiver with the certificate of this name. */
async function attemptAt(t: TestContext, certificate: string) {
  const [key, cert] = await Promise.all(
    ['key', 'pem'].map((type) => readFile(join(dir, `${certificate}.${type}`))),
  );
  let requests = 0;
  const receiver = createServer({ key, cert }, (_request, response) => {
    requests += 1;
    response.end('ok');
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  t.after(() => receiver.close().closeAllConnections());
  const { port } = receiver.address() as AddressInfo;
  const { id } = await service.client.createWebhook(`https://127.0.0.1:${port}/hook`);
  events += 1;
  await publish(service.operator, [publishedEvent(service.client, `media-${events}`, 1)]);
  await untilNonePending(service.client, id);
  const [delivery = assert.fail()] = await deliveriesOf(service.client, id);
  const [attempt = assert.fail()] = await attemptsOf(service.client, delivery.id);
  await service.client.expect(200, 'DELETE', `/webhooks/${id}`);
  return { state: delivery.state, status: attempt.status, error: attempt.error, requests };
}

test('a certificate that the service trusts is taken', async (t) => {
  await issuedBy('trusted-authority', 'good', 'IP:127.0.0.1');
  const ended = await attemptAt(t, 'good');
  assert.deepEqual(ended, { state: 'succeeded', status: 200, error: null, requests: 1 });
});

test('a certificate that is not to be trusted ends as an attempt that says why, and nothing is sent', async (t) => {
  await issuedBy('trusted-authority', 'elsewhere', 'DNS:other.example');
  await issuedBy('other-authority', 'unknown', 'IP:127.0.0.1');
  selfSigned('self', '-addext', 'subjectAltName=IP:127.0.0.1');
  const failed = (error: string) => ({ state: 'failed', status: null, error, requests: 0 });
  assert.deepEqual(
    await attemptAt(t, 'elsewhere'),
    failed("the receiver's TLS certificate is for another name"),
  );
  assert.deepEqual(await attemptAt(t, 'self'), failed("the receiver's TLS certificate is self-signed"));
  const { error, ...unknown } = await attemptAt(t, 'unknown');
  assert.match(
    error ?? '',
    /^the receiver's TLS certificate (was issued by an unknown authority|chain is incomplete)/,
  );
  assert.deepEqual(unknown, { state: 'failed', status: null, requests: 0 });
});
