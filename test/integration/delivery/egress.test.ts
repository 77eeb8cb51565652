import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import { Sender } from '../../../src/delivery/attempt/sender.ts';
import { DnsResolver } from '../../../src/delivery/egress/dns-resolver.ts';
import { EgressPolicy } from '../../../src/delivery/egress/policy.ts';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import { NameServer } from '../../support/receivers/name-server.ts';
import { ALL_EVENTS } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/**
 * Known ways into a private network, each at both gates: when a webhook's URL is saved, and when it is connected to.
 */

const PUBLIC = '93.184.215.14';
/**
 * The service sends to URLs as they were saved, in their canonical form, because a part of another form may be no
 * URL.
 */
const REFUSED_OR_NO_URL = /public internet|invalid url/i;
const NOT_PUBLIC =
  /^(url: )?the host is not allowed: it must have an address on the public internet, and no other$/;
const REASON = /is not on the public internet \(/;

/** Hosts of URLs, by the attack that they belong to. */
const BY_ADDRESS: Record<string, readonly string[]> = {
  'loopback addresses': ['127.0.0.1', '127.255.255.254', '[::1]'],
  'private networks': ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '[fd00::1]', '[fc00::1]'],
  'decimal IPv4': ['2130706433', '167772161', '3232235777'],
  'octal IPv4': ['0177.0.0.1', '017700000001', '00000177.0.0.1', '0300.0250.1.1'],
  'hexadecimal IPv4': ['0x7f000001', '0x7f.0.0.1', '0X7F.0x0.0x0.0x1', '0xa9fea9fe'],
  'short IPv4': ['127.1', '127.0.1', '0', '10.1', '0x7f.1'],
  'IPv4 of mixed bases': ['0x7f.0.0.01', '0251.254.0xa9.254', '0xc0.168.257'],
  'IPv4-mapped IPv6': ['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:a9fe:a9fe]'],
  'IPv4-translated IPv6': ['[::ffff:0:7f00:1]', '[::ffff:0:10.0.0.1]'],
  'IPv4-compatible IPv6': ['[::127.0.0.1]', '[::7f00:1]', '[::a9fe:a9fe]', '[::10.0.0.1]'],
  'NAT64 by the well-known prefix': ['[64:ff9b::127.0.0.1]', '[64:ff9b::a9fe:a9fe]', '[64:ff9b::10.0.0.1]'],
  'NAT64 by a local prefix': ['[64:ff9b:1::a00:1]', '[64:ff9b:1:ffff::7f00:1]'],
  '6to4 that embeds a private IPv4': ['[2002:7f00:1::]', '[2002:a00:1::1]', '[2002:a9fe:a9fe::]'],
  'Teredo that embeds a private IPv4': ['[2001:0:7f00:1::]', '[2001::f5ff:fffe]', '[2001:0:0:1::1]'],
  'the unspecified address': ['0.0.0.0', '0.1.2.3', '[::]', '[0:0:0:0:0:0:0:0]'],
  'link-local addresses': ['169.254.0.1', '[fe80::1]', '[febf::1]', '[fec0::1]'],
  'metadata services': [
    ...['169.254.169.254', '169.254.170.2', '100.100.100.200', '192.0.0.192', '168.63.129.16'],
    ...['[fd00:ec2::254]', '[fd20:ce::254]', '[::ffff:168.63.129.16]'],
  ],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.254'],
  'benchmarking networks': ['198.18.0.1', '198.19.255.254', '[2001:2::1]'],
  'documentation networks': ['192.0.2.1', '198.51.100.1', '203.0.113.1', '[2001:db8::1]', '[3fff::1]'],
  'protocol assignments': [
    '192.0.0.1',
    '192.88.99.1',
    '[2001:1::1]',
    '[100::1]',
    '[2001:20::1]',
    '[5f00::1]',
  ],
  multicast: ['224.0.0.1', '239.255.255.250', '[ff02::1]', '[ff0e::1]'],
  broadcast: ['255.255.255.255'],
  'reserved and unassigned networks': ['240.0.0.1', '[4000::1]', '[8000::1]', '[1::1]'],
  'trailing dots': ['127.0.0.1.', '2130706433.', '0x7f.1.', 'localhost.', 'inside.example.'],
  'localhost, by itself and below it': ['localhost', 'LOCALHOST', 'api.localhost', 'a.b.LocalHost.'],
  'full-width digits and other forms of digits': ['１２７.０.０.１', '①②⑦.⓪.⓪.①', '𝟏𝟐𝟕.𝟎.𝟎.𝟏', '¹²⁷.⁰.⁰.¹'],
  "dots that are not ASCII's": ['127。0。0。1', '127．0．0．1', '127｡0｡0｡1'],
  'letters that IDNA maps': [
    'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
    'ｌｏｃａｌｈｏｓｔ',
    'lo\u00ADcalhost',
    '０ｘ７ｆ.１',
    'ıocalhost'.replace('ı', 'ℓ'),
  ],
  'percent-encoded hosts': [
    '%31%32%37.0.0.1',
    '127%2e0%2e0%2e1',
    '%6cocalhost',
    '127.0.0.1%2E',
    '%EF%BC%91%EF%BC%92%EF%BC%97.1',
  ],
  'characters that URLs drop': ['127.0\t.0.1', '127.0.\n0.1', '\t127.0.0.1'],
};

const ZONE: Record<string, readonly string[]> = {
  'inside.example': ['10.0.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'nat64.example': ['64:ff9b::a9fe:a9fe'],
  'six.example': ['::1'],
  'unspecified.example': ['0.0.0.0'],
  '127.0.0.1.nip.example': ['127.0.0.1'],
  'both.example': [PUBLIC, '10.0.0.1'],
  'both-reversed.example': ['10.0.0.1', PUBLIC],
  'both-families.example': [PUBLIC, 'fd00::1'],
};

/** Names in URLs, by the attack that they belong to. */
const BY_NAME: Record<string, readonly string[]> = {
  'a name with a private address': ['inside.example', 'INSIDE.example', 'six.example', 'unspecified.example'],
  'an internal name that does not exist, in the same words': ['db.internal', 'printer.local', 'db'],
  'a name that spells an address': ['127.0.0.1.nip.example'],
  'a name with an address in another form': ['mapped.example', 'nat64.example'],
  'the metadata service by its name': ['metadata.google.internal'],
  'a name with one public and one private address': [
    ...['both.example', 'both-reversed.example', 'both-families.example'],
  ],
};

let nameServer: NameServer;
let service: TestService;
let sender: Sender;
/** A server that must not be reached. */
let inside: Server;
let port: number;
let connections = 0;

before(async () => {
  nameServer = await NameServer.start((name) => ZONE[name] ?? 'absent', { ttl: 0 });
  const nameServers = [nameServer.address];
  service = await startTestService({ MEDIAHOOKS_EGRESS_ALLOW: '' }, { nameServers });
  const names = new DnsResolver({ servers: nameServers });
  sender = new Sender({ egress: new EgressPolicy([], names), timeoutMs: 5_000 });
  // Listens on all addresses of both families.
  inside = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0);
  await once(inside, 'listening');
  port = (inside.address() as AddressInfo).port;
});

after(async () => {
  await service.stop();
  await sender.close();
  inside.close();
  nameServer.stop();
});

const create = (url: string, { client } = service) =>
  client.call('POST', '/webhooks', { url, ...ALL_EVENTS });

/** Asserts that both gates refuse `url`, and with which message. */
async function refusedAtBoth(
  url: string,
  says: RegExp,
  atSending: RegExp = says,
  code: ErrorCode = 'url_not_allowed',
): Promise<void> {
  const saved = await create(url);
  assertRefusal(saved, code, ['url']);
  assert.match(saved.body.message, says, url);
  const { status, error } = await sender.post(url, {}, '{}');
  assert.equal(status, null, url);
  assert.match(error ?? '', atSending, url);
  assert.equal(connections, 0, url);
}

for (const [way, hosts] of Object.entries({ ...BY_ADDRESS, ...BY_NAME })) {
  test(`${way}: refused when saved and when connected to`, async () => {
    for (const host of hosts) {
      await refusedAtBoth(`http://${host}:${port}/hook`, NOT_PUBLIC);
      await refusedAtBoth(`https://${host}:${port}/hook`, NOT_PUBLIC);
    }
  });
}

test('odd slashes before a private address change nothing', async () => {
  const host = `127.0.0.1:${port}`;
  for (const url of [
    `http:${host}/hook`,
    `http:/${host}/hook`,
    `http:\\\\${host}\\hook`,
    `http:////${host}/`,
  ]) {
    await refusedAtBoth(url, NOT_PUBLIC, REFUSED_OR_NO_URL);
  }
});

test('a zone id is not accepted in a URL, and hides no address that a name has', async () => {
  for (const host of ['[fe80::1%25eth0]', '[fe80::1%eth0]', '[::1%25lo]']) {
    const url = `http://${host}:${port}/hook`;
    await refusedAtBoth(url, /expected an http or https URL/, /invalid url/i, 'invalid_request');
  }
  const policy = new EgressPolicy([]);
  for (const address of ['fe80::1%eth0', 'fe80::1%br-lan.7', '::1%lo']) {
    assert.match(policy.refusal(address) ?? '', REASON, address);
  }
});

test('user names and passwords are refused, and do not hide the host after them', async () => {
  for (const user of [PUBLIC, 'user:password', `${PUBLIC}:80`, 'a%40b', '%2f%2f', ':']) {
    const url = `http://${user}@127.0.0.1:${port}/hook`;
    const atSaving = user === ':' ? NOT_PUBLIC : /expected no user name or password/;
    await refusedAtBoth(url, atSaving, NOT_PUBLIC, user === ':' ? 'url_not_allowed' : 'invalid_request');
  }
  // The text that looks like a host is a user name, a path or a query here.
  await refusedAtBoth(`http://127.0.0.1:${port}#@${PUBLIC}/`, NOT_PUBLIC, REFUSED_OR_NO_URL);
  await refusedAtBoth(`http://127.0.0.1:${port}/?@${PUBLIC}/`, NOT_PUBLIC);
  await refusedAtBoth(`http://127.0.0.1:${port}\\@${PUBLIC}/`, NOT_PUBLIC, REFUSED_OR_NO_URL);
});

test("a webhook can't be changed to a private address either", async () => {
  const { client } = service;
  const { id } = await client.createWebhook(`http://${PUBLIC}/hook`);
  for (const method of ['PUT', 'PATCH']) {
    const answer = await client.call(method, `/webhooks/${id}`, { url: `http://127.1:${port}/` });
    assertRefusal(answer, 'url_not_allowed', ['url']);
  }
  assert.equal(
    (await client.expect(200, 'GET', `/webhooks/${id}`)).data.webhook.url,
    `http://${PUBLIC}/hook`,
  );
});

test('ports of other protocols are refused at public addresses, too', async () => {
  for (const other of [22, 25, 445, 2375, 5432, 6379, 6667, 9200, 11_211, 0]) {
    for (const host of [PUBLIC, '[2606:4700:4700::1111]', 'somewhere.example']) {
      await refusedAtBoth(`http://${host}:${other}/hook`, new RegExp(`the port ${other} is not one`));
    }
  }
  for (const usual of ['', ':80', ':443', ':8080', ':8443', ':49152']) {
    assert.equal((await create(`https://${PUBLIC}${usual}/hook`)).status, 201, usual);
  }
});

test('public addresses of both families pass both gates', async () => {
  const egress = new EgressPolicy([]);
  for (const [host, bare] of [
    [PUBLIC, PUBLIC],
    ['[2606:4700:4700::1111]', '2606:4700:4700::1111'],
    ['[::ffff:8.8.8.8]', '::ffff:808:808'],
  ] as const) {
    assert.equal((await create(`https://${host}/hook`)).status, 201, host);
    egress.check({ protocol: 'https:', hostname: bare, port: '' });
    assert.equal((await egress.vetted(bare)).length, 1);
  }
});
