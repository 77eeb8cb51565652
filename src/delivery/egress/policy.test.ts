import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NameError } from './dns-resolver.ts';
import { EgressPolicy, HOST_REFUSED } from './policy.ts';

const strict = new EgressPolicy([]);

test('private, local and special addresses are refused', () => {
  const refused = [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '2002:7f00:1::',
    '2001:0:0:1::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'ff02::1',
    '4000::1',
    '::7f00:1',
  ];
  for (const address of refused) assert.notEqual(strict.refusal(address), null, address);
});

test('public addresses may be reached', () => {
  for (const address of ['1.1.1.1', '8.8.8.8', '172.32.0.1', '2606:4700:4700::1111', '::ffff:8.8.8.8']) {
    assert.equal(strict.refusal(address), null, address);
  }
});

test('the operator can allow one network, and no other is allowed by that', () => {
  const policy = new EgressPolicy(['10.1.0.0/16', 'fd12::/16', '127.0.0.1/32']);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd12::1', '127.0.0.1']) {
    assert.equal(policy.refusal(address), null, address);
  }
  for (const address of ['10.2.0.1', 'fd13::1', '127.0.0.2', '::1']) {
    assert.notEqual(policy.refusal(address), null, address);
  }
});

test('an allowed IPv4 network may be written as an IPv6 one', () => {
  const policy = new EgressPolicy(['::ffff:10.0.0.0/104']);
  assert.equal(policy.refusal('10.1.2.3'), null);
  assert.equal(policy.refusal('::ffff:10.1.2.3'), null);
  assert.notEqual(policy.refusal('11.0.0.1') ?? policy.refusal('192.168.1.1'), null);
});

test('a malformed network is named', () => {
  assert.throws(() => new EgressPolicy(['10.0.0.0/8', 'localhost']), /CIDR.*localhost/);
});

test('local addresses in URLs are refused in every notation', async () => {
  const urls = [
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://localhost/',
    'http://localhost./',
    'http://127.0.0.1./',
  ];
  for (const url of urls) assert.notEqual(await strict.urlRefusal(new URL(url)), null, url);
});

test('an internal name is refused in the same words whether it exists or not, and only the operator is told why', async () => {
  const told: string[] = [];
  const resolver = {
    resolve: async (name: string) => {
      if (name === 'db.internal') return [{ address: '10.0.0.5', family: 4 }];
      throw new NameError(name.startsWith('absent') ? 'NAME_NOT_FOUND' : 'NAME_NOT_IN_TIME', name);
    },
  };
  const onRefused = (host: string, reason: string) => void told.push(`${host}: ${reason}`);
  const policy = new EgressPolicy([], resolver, { onRefused });
  const refusal = (name: string) => policy.urlRefusal(new URL(`https://${name}/`));
  assert.equal(await refusal('db.internal'), HOST_REFUSED);
  assert.equal(await refusal('absent.internal'), HOST_REFUSED);
  assert.equal(await refusal('late.internal'), HOST_REFUSED);
  // A public name might exist later.
  assert.equal(await refusal('absent.example'), null);
  assert.deepEqual(told, ['db.internal: the address 10.0.0.5 is not on the public internet (private)']);
});

test('a connection to a name is refused if the address of the name is refused', async () => {
  const { promise, resolve } = Promise.withResolvers<Error | null>();
  strict.lookup('localhost', { all: true }, (error) => resolve(error));
  assert.equal(String(await promise), `EgressError: ${HOST_REFUSED}`);
});

test("a target's scheme, port and literal address are checked without resolving its name", () => {
  const policy = new EgressPolicy(['10.0.0.0/8'], undefined, {
    ports: (port) => port < 1_000,
    httpsOnly: true,
  });
  const check = (protocol: string, hostname: string, port: string) => () =>
    policy.check({ protocol, hostname, port });
  check('https:', 'receiver.example', '')();
  check('https:', '10.0.0.1', '80')();
  assert.throws(check('http:', 'receiver.example', ''), /^EgressError: http is not allowed here/);
  assert.throws(check('https:', 'receiver.example', '1000'), /^EgressError: the port 1000 is not one/);
  assert.throws(check('https:', '127.0.0.1', ''), /^EgressError: the host is not allowed/);
});

test("Azure's metadata service is refused, although its address is in a public range", () => {
  assert.match(strict.refusal('168.63.129.16') ?? '', /\(metadata\)/);
  assert.equal(strict.refusal('168.63.129.17'), null);
});
