import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { NameError } from '../egress/dns-resolver.ts';
import { EgressError } from '../egress/policy.ts';
import { ProxyError } from '../egress/proxy-error.ts';
import { ReceiverTimeout } from './explain-failure.ts';
import { OWN_CODES, ownCauseOf } from './own-cause.ts';

function withCode(code: string, address = '127.0.0.1'): Error {
  return Object.assign(new Error('it failed'), { code, address });
}

test('a lack of our own resources is not the failure of a receiver', () => {
  for (const [code, cause] of Object.entries(OWN_CODES))
    assert.equal(ownCauseOf(withCode(code)), cause, code);
  assert.equal(ownCauseOf(new NameError('NAME_SERVER_UNREACHABLE', 'a.example')), 'name server');
  const wrapped = new NameError('NAME_SERVER_FAILED', 'a.example', { cause: withCode('EMFILE') });
  assert.equal(ownCauseOf(wrapped), 'descriptors');
});

test('what a receiver, its name or its network does is never our own cause', () => {
  const theirs = [
    ...[
      'ECONNREFUSED',
      'ECONNRESET',
      'EPIPE',
      'ETIMEDOUT',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'EPROTO',
      'EACCES',
    ],
    ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED', 'HPE_INVALID_CONSTANT'],
  ].map((code) => withCode(code));
  for (const error of [
    ...theirs,
    new ReceiverTimeout('late'),
    new EgressError('private'),
    new NameError('NAME_NOT_FOUND', 'a.example'),
    new NameError('NAME_NOT_IN_TIME', 'a.example'),
    new NameError('NAME_SERVER_FAILED', 'a.example'),
  ]) {
    assert.equal(ownCauseOf(error), null, `${error.name} ${(error as NodeJS.ErrnoException).code}`);
  }
});

test('if one address of a name was reached, the failure is not our own', () => {
  const all = (...errors: Error[]) => ownCauseOf(new AggregateError(errors));
  assert.equal(all(withCode('EMFILE'), withCode('EMFILE')), 'descriptors');
  assert.equal(all(withCode('EADDRNOTAVAIL'), withCode('ENETUNREACH', '2001:db8::1')), 'ports');
  assert.equal(all(withCode('ECONNREFUSED'), withCode('EADDRNOTAVAIL')), null);
  assert.equal(all(withCode('ENETUNREACH'), withCode('EHOSTUNREACH')), null);
});

test('EADDRNOTAVAIL without an address of that family on this machine is no lack of ports', (t) => {
  const interfaces = Object.values(networkInterfaces()).flat();
  const hasIpv6 = interfaces.some((own) => own?.family === 'IPv6');
  t.diagnostic(`this machine has ${hasIpv6 ? 'an' : 'no'} IPv6 address`);
  if (!hasIpv6) assert.equal(ownCauseOf(withCode('EADDRNOTAVAIL', '2606:4700::1111')), null);
  assert.equal(ownCauseOf(withCode('EADDRNOTAVAIL')), 'ports');
});

test("an egress proxy that can not be reached is our own; what it says about a receiver is the receiver's", () => {
  const unreachable = ProxyError.because(withCode('ECONNREFUSED'), true);
  assert.equal(ownCauseOf(unreachable), 'proxy');
  assert.equal(ownCauseOf(ProxyError.because(withCode('EMFILE'), true)), 'descriptors');
  assert.equal(ownCauseOf(new ProxyError('connection', 'it answered 407', { isOwn: true })), 'proxy');
  assert.equal(ownCauseOf(new ProxyError('connection', 'it answered 502')), null);
  assert.equal(ownCauseOf(ProxyError.because(withCode('ECONNRESET'))), null);
});
