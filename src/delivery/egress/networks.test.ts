import assert from 'node:assert/strict';
import { test } from 'node:test';
import ipaddr from 'ipaddr.js';
import { contains, parseNetworks } from './networks.ts';

test('a network contains its own addresses only, and never those of the other family', () => {
  const [ipv4, ipv6] = parseNetworks(['10.0.0.0/8', 'fd00::/8']);
  assert.ok(ipv4 && ipv6);
  assert.ok(contains(ipv4, ipaddr.parse('10.1.2.3')));
  assert.ok(!contains(ipv4, ipaddr.parse('11.1.2.3')));
  assert.ok(contains(ipv6, ipaddr.parse('fd12::1')));
  assert.ok(!contains(ipv6, ipaddr.parse('10.1.2.3')));
});

test('an IPv4-mapped network contains IPv4 addresses', () => {
  const [network] = parseNetworks(['::ffff:10.0.0.0/104']);
  assert.ok(network && contains(network, ipaddr.parse('10.1.2.3')));
});

test('a malformed network is named', () => {
  assert.throws(() => parseNetworks(['10.0.0.0/8', 'localhost']), /^TypeError: .* but localhost is not one$/);
});
