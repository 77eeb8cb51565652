import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localAddresses, parseHosts } from './hosts-file.ts';

const HOSTS = `
# the machine itself
127.0.0.1\tlocalhost loghost   # and more
::1 localhost
10.1.2.3 Receiver.internal
not-an-address receiver.internal
`;

test('a hosts file gives each name all its addresses', () => {
  const hosts = parseHosts(HOSTS);
  assert.deepEqual([...hosts.keys()], ['localhost', 'loghost', 'receiver.internal']);
  assert.deepEqual(hosts.get('localhost'), [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]);
  assert.deepEqual(localAddresses(hosts, 'receiver.internal'), [{ address: '10.1.2.3', family: 4 }]);
});

test('localhost is this machine even if the file does not list it; other names are unknown', () => {
  const addresses = (name: string) => localAddresses(new Map(), name)?.map(({ address }) => address) ?? null;
  assert.deepEqual(addresses('localhost'), ['127.0.0.1', '::1']);
  assert.deepEqual(addresses('app.localhost'), ['127.0.0.1', '::1']);
  assert.equal(addresses('notlocalhost'), null);
  assert.equal(addresses('example.com'), null);
});
