import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, clientOf } from './client-address.ts';

test('an IPv4 address is one client, in every notation', () => {
  for (const written of ['192.0.2.7', '::ffff:192.0.2.7', '::ffff:c000:207', '192.0.2.7:5512']) {
    assert.equal(clientOf(written), '192.0.2.7', written);
  }
});

test('an address is written in one form', () => {
  assert.equal(addressOf('[::ffff:192.0.2.7]:443'), '192.0.2.7');
  assert.equal(addressOf('2001:DB8:0:0::1'), '2001:db8::1');
  assert.equal(addressOf('[2001:db8::1]:443'), '2001:db8::1');
  assert.equal(addressOf('unknown'), 'unknown');
});

test('IPv6 addresses of one /64 are one client', () => {
  for (const written of [
    '2001:db8:0:1::1',
    '2001:db8:0:1:ffff::2',
    '[2001:db8:0:1::3]:443',
    '2001:DB8::1:0:0:0:4',
  ]) {
    assert.equal(clientOf(written), '2001:db8:0:1::/64', written);
  }
  assert.equal(clientOf('2001:db8:0:2::1'), '2001:db8:0:2::/64');
  assert.equal(clientOf('::1'), '0:0:0:0::/64');
});

test('a text that is not an address is returned as it is', () => {
  for (const written of ['', 'unknown', 'a:b', '_hidden']) assert.equal(clientOf(written), written);
});
