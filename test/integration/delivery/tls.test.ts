import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { type Certificate, Certificates } from '../../support/receivers/certificates.ts';
import { attemptOnce } from '../../support/service/deliveries.ts';
import { ServiceProcess } from '../../support/service/service-process.ts';

/** Receivers over TLS, with certificates that openssl makes here. */

let dir: string;
let certificates: Certificates;
let service: ServiceProcess;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-tls-'));
  certificates = new Certificates(dir);
  certificates.selfSigned('trusted-authority');
  certificates.selfSigned('other-authority');
  service = await ServiceProcess.create({ settings: { MEDIAHOOKS_RETRY_DELAYS: '' } });
  await service.start({ NODE_EXTRA_CA_CERTS: join(dir, 'trusted-authority.pem') });
});

after(async () => {
  await service.remove();
  await rm(dir, { recursive: true });
});

/** Returns the one attempt of an event for a receiver with this certificate. */
async function attemptAt(t: TestContext, certificate: Certificate) {
  let requests = 0;
  const receiver = createServer(certificate, (_request, response) => {
    requests += 1;
    response.end('ok');
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  t.after(() => receiver.close().closeAllConnections());
  const { port } = receiver.address() as AddressInfo;
  const { id } = await service.client.createWebhook(`https://127.0.0.1:${port}/hook`);
  const ended = await attemptOnce(service, id);
  await service.client.expect(200, 'DELETE', `/webhooks/${id}`);
  return { ...ended, requests };
}

test('a certificate that the service trusts is accepted', async (t) => {
  const good = certificates.issuedBy('trusted-authority', 'good', 'IP:127.0.0.1');
  const ended = await attemptAt(t, good);
  assert.deepEqual(ended, { state: 'succeeded', status: 200, error: null, requests: 1 });
});

test('an untrusted certificate ends as an attempt that says why, and nothing is sent', async (t) => {
  const elsewhere = certificates.issuedBy('trusted-authority', 'elsewhere', 'DNS:other.example');
  const unknown = certificates.issuedBy('other-authority', 'unknown', 'IP:127.0.0.1');
  const self = certificates.selfSigned('self', '-addext', 'subjectAltName=IP:127.0.0.1');
  const failed = (error: string) => ({ state: 'failed', status: null, error, requests: 0 });
  assert.deepEqual(
    await attemptAt(t, elsewhere),
    failed("the receiver's TLS certificate is for another name"),
  );
  assert.deepEqual(await attemptAt(t, self), failed("the receiver's TLS certificate is self-signed"));
  const { error, ...rest } = await attemptAt(t, unknown);
  assert.match(
    error ?? '',
    /^the receiver's TLS certificate (was issued by an unknown authority|chain is incomplete)/,
  );
  assert.deepEqual(rest, { state: 'failed', status: null, requests: 0 });
});
