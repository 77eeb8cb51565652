import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import type { Accepted, Admission, Credential, Identity } from '../../accounts/authenticator.ts';
import { KnownConnections } from './known-connections.ts';

const BASIC = `Basic ${Buffer.from('public:secret').toString('base64')}`;

/** Returns connections whose authenticator has cached the credential `public:secret` for 5,000 ms. */
function setUp() {
  const identity = { access: 'full_access' } as Identity;
  const entry: Accepted = { identity, until: 5_000, expiresAt: 9_000 };
  const asked: Credential[] = [];
  const connections = new KnownConnections({
    recallAccepted: (credential, at) => {
      asked.push(credential);
      const isKnown =
        credential.kind === 'api-key' && credential.secretKey === 'secret' && at.revocations === 0;
      return isKnown && entry.until > at.admittedMonotonic ? entry : null;
    },
    isAccepted: ({ until, expiresAt }, at) => until > at.admittedMonotonic && expiresAt > at.admittedAt,
  });
  const recall = (headers: IncomingHttpHeaders, socket: Socket, at: Partial<Admission> = {}) =>
    connections.recall({ headers, socket } as IncomingMessage, {
      admittedAt: 0,
      admittedMonotonic: 0,
      revocations: 0,
      ...at,
    });
  return { identity, asked, recall };
}

test('a header that a connection repeats is not decoded again', () => {
  const { identity, asked, recall } = setUp();
  const [socket, other] = [new Socket(), new Socket()];
  for (let n = 0; n < 3; n += 1) assert.equal(recall({ authorization: BASIC }, socket), identity);
  assert.equal(asked.length, 1);
  assert.equal(recall({ authorization: BASIC }, other), identity);
  assert.equal(asked.length, 2);
});

test('the authenticator is asked again after a revocation, when the time is over, and for another header', () => {
  const { identity, asked, recall } = setUp();
  const socket = new Socket();
  assert.equal(recall({ authorization: BASIC }, socket), identity);
  assert.equal(recall({ authorization: BASIC }, socket, { revocations: 1 }), null);
  assert.equal(recall({ authorization: BASIC }, socket, { admittedMonotonic: 5_000 }), null);
  assert.equal(recall({ authorization: 'Bearer x' }, socket), null);
  assert.equal(recall({}, socket), null);
  assert.equal(asked.length, 4);
});

test('an expired credential is not recalled, although its cache entry is fresh', () => {
  const { asked, recall } = setUp();
  const socket = new Socket();
  recall({ authorization: BASIC }, socket);
  recall({ authorization: BASIC }, socket, { admittedAt: 9_000 });
  assert.equal(asked.length, 2);
});

test('the headers of an API key are compared each time, also beside an empty header Authorization', () => {
  const { identity, asked, recall } = setUp();
  const socket = new Socket();
  const pair = { 'stream-public-key': 'public', 'stream-secret-key': 'secret' };
  for (const authorization of [undefined, 'Basic Og==', 'Bearer '])
    assert.equal(recall({ ...(authorization && { authorization }), ...pair }, socket), identity);
  assert.equal(
    recall({ authorization: 'Bearer ', 'stream-public-key': 'public', 'stream-secret-key': 'x' }, socket),
    null,
  );
  assert.equal(asked.length, 4);
});
