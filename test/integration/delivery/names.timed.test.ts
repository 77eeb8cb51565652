import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Sender } from '../../../src/delivery/attempt/sender.ts';
import {
  DnsResolver,
  type DnsResolverOptions,
  NameError,
} from '../../../src/delivery/egress/dns-resolver.ts';
import { EgressPolicy, HOST_REFUSED } from '../../../src/delivery/egress/policy.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { NameServer, type Zone } from '../../support/receivers/name-server.ts';
import { Receiver } from '../../support/receivers/receiver.ts';

/** Attacks by name servers, and by names, tested with a real name server on loopback. */

const PUBLIC = '93.184.215.14';

interface SetUp {
  readonly server: NameServer;
  readonly names: DnsResolver;
  readonly egress: EgressPolicy;
  /** Makes a request to a name, at the receiver's port. */
  post(name: string): ReturnType<Sender['post']>;
  readonly receiver: Receiver;
}

async function setUp(
  t: TestContext,
  zone: Zone,
  {
    allowed = ['127.0.0.1/32'],
    ttl = 60,
    ...options
  }: DnsResolverOptions & { allowed?: string[]; ttl?: number } = {},
): Promise<SetUp> {
  const server = await NameServer.start(zone, { ttl });
  const receiver = await Receiver.start();
  const names = new DnsResolver({ servers: [server.address], ...options });
  const egress = new EgressPolicy(allowed, names);
  const sender = new Sender({ egress, timeoutMs: 10_000 });
  t.after(async () => {
    names.close();
    await sender.close();
    await receiver.stop();
    server.stop();
  });
  const { port } = new URL(receiver.url);
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ type: 'file.received', media_id: 'm' });
  const post = (name: string) => sender.post(`http://${name}:${port}/hook`, headers, body);
  return { server, names, egress, post, receiver };
}

async function codeOf(resolving: Promise<unknown>): Promise<string> {
  const error = await resolving.then(
    () => assert.fail('it resolved'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof NameError);
  return error.code;
}

test('names whose servers never answer delay no other request', async (t) => {
  const { post } = await setUp(t, (name) => (name.startsWith('dead') ? 'silent' : ['127.0.0.1']), {
    timeoutMs: 2_000,
  });
  const before = performance.now();
  const dead = Array.from({ length: 100 }, (_, index) => post(`dead${index}.example`));
  const healthy = await Promise.all(
    Array.from({ length: 20 }, (_, index) => post(`healthy${index}.example`)),
  );
  for (const { status, error } of healthy) assert.deepEqual([status, error], [200, null]);
  assert.ok(performance.now() - before < 1_500, `${performance.now() - before} ms`);
  for (const { status, error } of await Promise.all(dead)) {
    assert.equal(status, null);
    assert.match(error ?? '', /could not be resolved in time/);
  }
});

test('saving a webhook waits for a name for a few seconds at most, and accepts it', async (t) => {
  const { egress } = await setUp(t, () => 'silent');
  const before = performance.now();
  assert.equal(await egress.urlRefusal(new URL('https://dead.example/')), null);
  const took = performance.now() - before;
  assert.ok(took >= 2_000 && took < 3_500, `${took} ms`);
});

test('the reasons why a name has no address are told apart', async (t) => {
  const { names, post } = await setUp(
    t,
    (name) =>
      name === 'silent.example'
        ? 'silent'
        : name === 'empty.example'
          ? []
          : name.startsWith('absent')
            ? 'absent'
            : 'broken',
    { timeoutMs: 500 },
  );
  assert.equal(await codeOf(names.resolve('absent.example')), 'NAME_NOT_FOUND');
  assert.equal(await codeOf(names.resolve('empty.example')), 'NAME_NOT_FOUND');
  assert.equal(await codeOf(names.resolve(`${'x'.repeat(64)}.example`)), 'NAME_NOT_FOUND');
  assert.equal(await codeOf(names.resolve('broken.example')), 'NAME_SERVER_FAILED');
  assert.equal(await codeOf(names.resolve('silent.example')), 'NAME_NOT_IN_TIME');
  assert.equal((await post('absent.example')).error, HOST_REFUSED);
});

test('a name that was public when saved, and private when connected to, is refused', async (t) => {
  const { server, egress, post, receiver } = await setUp(t, () => [PUBLIC], { allowed: [], ttl: 0 });
  assert.equal(await egress.urlRefusal(new URL('http://turning.example/')), null);
  server.zone = () => ['127.0.0.1'];
  const { status, error } = await post('turning.example');
  assert.equal(status, null);
  assert.equal(error, HOST_REFUSED);
  assert.equal(receiver.received.length, 0);
});

test('a name with a public and a private address is refused whole, whichever comes first', async (t) => {
  const zone: Record<string, string[]> = {
    'first.example': [PUBLIC, '10.0.0.1'],
    'last.example': ['10.0.0.1', PUBLIC],
    'six.example': [PUBLIC, 'fd00::1'],
  };
  const { egress, post } = await setUp(t, (name) => zone[name] ?? 'absent', { allowed: [] });
  for (const name of Object.keys(zone)) {
    assert.equal(await egress.urlRefusal(new URL(`http://${name}/`)), HOST_REFUSED, name);
    assert.equal((await post(name)).error, HOST_REFUSED, name);
  }
});

test('concurrent look-ups of a name are shared, and answers are cached for seconds, or less by their TTL', async (t) => {
  let now = 0;
  const { server, names } = await setUp(t, () => ['127.0.0.1'], { ttl: 2, now: () => now });
  await Promise.all(Array.from({ length: 50 }, () => names.resolve('receiver.example')));
  // One question for each family of addresses.
  assert.equal(server.asked.length, 2);
  now = 1_900;
  server.zone = () => ['127.0.0.2'];
  assert.deepEqual(await names.resolve('Receiver.example.'), [{ address: '127.0.0.1', family: 4 }]);
  now = 2_100;
  assert.deepEqual(await names.resolve('receiver.example'), [{ address: '127.0.0.2', family: 4 }]);
  assert.equal(server.asked.length, 4);
});

test('no answer is cached for longer than five seconds', async (t) => {
  let now = 0;
  const { server, names } = await setUp(t, () => ['127.0.0.1'], { ttl: 3_600, now: () => now });
  for (now of [0, 4_900, 5_100]) await names.resolve('receiver.example');
  assert.equal(server.asked.length, 4);
});

test('a family of addresses without an answer does not hide the other', async (t) => {
  const ipv4 = { address: '127.0.0.1', family: 4 };
  const ipv6 = { address: '::1', family: 6 };
  const { server, names } = await setUp(t, () => ['::1', '127.0.0.1'], { timeoutMs: 500, ttl: 0 });
  assert.deepEqual(await names.resolve('both.example'), [ipv4, ipv6]);
  server.zone = (_, family) => (family === 6 ? 'silent' : ['127.0.0.1']);
  assert.deepEqual(await names.resolve('both.example'), [ipv4]);
  server.zone = (_, family) => (family === 4 ? 'absent' : ['::1']);
  assert.deepEqual(await names.resolve('both.example'), [ipv6]);
});

test('a name in the hosts file is resolved from it, and no name server is asked', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-hosts-'));
  t.after(() => rm(dir, { recursive: true }));
  const hostsFile = join(dir, 'hosts');
  await writeFile(hostsFile, '127.0.0.1 receiver.internal\n');
  const { server, post, receiver } = await setUp(t, () => 'absent', { hostsFile });
  assert.equal((await post('receiver.internal')).status, 200);
  assert.equal(receiver.received.length, 1);
  assert.deepEqual(server.asked, []);
});

test('closing ends look-ups in flight', async (t) => {
  const { server, names } = await setUp(t, () => 'silent');
  const looking = codeOf(names.resolve('dead.example'));
  await eventually('the question was asked', async () => server.asked.length > 0);
  names.close();
  assert.equal(await looking, 'NAME_NOT_IN_TIME');
});
