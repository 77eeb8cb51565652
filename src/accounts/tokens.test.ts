import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { decodeProtectedHeader, importJWK, SignJWT } from 'jose';
import { LONGEST_TOKEN_S, Tokens } from './tokens.ts';

const T0 = 1_767_225_600_000;
const DAY_MS = 24 * 3600 * 1000;
const USER = 'an-account';

async function keyFolder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-token-keys-'));
  t.after(() => rm(dir, { recursive: true }));
  return join(dir, 'token-keys');
}

const kidOf = (token: string) => decodeProtectedHeader(token).kid;

test('a token names its account, its generation and its expiry', async (t) => {
  const tokens = await Tokens.open(await keyFolder(t), T0);
  const token = await tokens.issue(USER, { ttl: 60, now: T0 + 999, generation: 3 });
  const claims = { userId: USER, generation: 3, expiresAt: T0 + 60_000 };
  assert.deepEqual(await tokens.verify(token, T0 + 59_999), claims);
  assert.equal(await tokens.verify(token, T0 + 60_000), null);
});

test('a new key signs from then on in every process, and tokens of all keys verify', async (t) => {
  const dir = await keyFolder(t);
  const server = await Tokens.open(dir, T0);
  const before = await server.issue(USER, { ttl: 3600, now: T0 });
  const command = await Tokens.open(dir, T0);
  const { kid, dropped } = await command.rotateKey(T0 + 1);
  assert.deepEqual(dropped, []);
  const after = await server.issue(USER, { ttl: 3600, now: T0 + 2 });
  assert.deepEqual([kidOf(after), kidOf(before) === kid], [kid, false]);
  for (const token of [before, after]) {
    for (const tokens of [server, command]) assert.ok(await tokens.verify(token, T0 + 3));
  }
});

test('a rotation and the removal of its file end a stolen key in every process', async (t) => {
  const dir = await keyFolder(t);
  const servers = await Promise.all([Tokens.open(dir, T0), Tokens.open(dir, T0)]);
  const [one] = servers as [Tokens, Tokens];
  const stolen = await one.issue(USER, { ttl: 3600, now: T0 });
  const { kid } = await one.rotateKey(T0 + 1);
  for (const server of servers) assert.ok(await server.verify(stolen, T0 + 2));
  // A file that can't be read, such as an interrupted copy, does not keep the removed key valid.
  await writeFile(join(dir, 'half-a-copy.json'), '{');
  await rm(join(dir, `${kidOf(stolen)}.json`));
  for (const server of servers) {
    assert.equal(await server.verify(stolen, T0 + 2), null);
    const renewed = await server.issue(USER, { ttl: 3600, now: T0 + 2 });
    assert.equal(kidOf(renewed), kid);
    for (const other of servers) assert.ok(await other.verify(renewed, T0 + 3));
  }
});

test('two rotations at the same time lose no key', async (t) => {
  const dir = await keyFolder(t);
  const servers = await Promise.all([Tokens.open(dir, T0), Tokens.open(dir, T0)]);
  const made = await Promise.all(servers.map((tokens) => tokens.rotateKey(T0)));
  const names = await readdir(dir);
  for (const { kid } of made) assert.ok(names.includes(`${kid}.json`));
  const tokens = await Promise.all(servers.map((one) => one.issue(USER, { ttl: 60, now: T0 })));
  for (const token of tokens) for (const one of servers) assert.ok(await one.verify(token, T0));
});

test('a key is removed only when the longest of its tokens has expired', async (t) => {
  const dir = await keyFolder(t);
  const tokens = await Tokens.open(dir, T0);
  const first = await tokens.issue(USER, { ttl: LONGEST_TOKEN_S, now: T0 });
  // The first key signs until the next one is made.
  const lastUse = T0 + 100 * DAY_MS;
  const { kid: second } = await tokens.rotateKey(lastUse);
  const lastExpiry = lastUse + LONGEST_TOKEN_S * 1000;
  assert.deepEqual((await tokens.rotateKey(lastExpiry)).dropped, []);
  assert.deepEqual((await tokens.rotateKey(lastExpiry + DAY_MS + 1)).dropped, [kidOf(first)]);
  assert.ok((await readdir(dir)).includes(`${second}.json`));
  assert.equal(await tokens.verify(first, T0), null);
});

test('keys are readable only by their owner, and a broken key ends the start', async (t) => {
  const dir = await keyFolder(t);
  await Tokens.open(dir, T0);
  const [name = ''] = await readdir(dir);
  assert.equal((await stat(dir)).mode & 0o777, 0o700);
  assert.equal((await stat(join(dir, name))).mode & 0o777, 0o600);
  await chmod(join(dir, name), 0o600);
  await writeFile(join(dir, name), '{');
  await assert.rejects(Tokens.open(dir, T0), new RegExp(`${name} is damaged or of a newer version`));
});

test('a token that names no key, an unknown one or no generation is refused', async (t) => {
  const dir = await keyFolder(t);
  const tokens = await Tokens.open(dir, T0);
  const [name = ''] = await readdir(dir);
  const jwk = JSON.parse(await readFile(join(dir, name), 'utf8'));
  const key = await importJWK(jwk, 'EdDSA');
  const sign = (header: object, claims: object) =>
    new SignJWT({ iss: 'mediahooks', sub: USER, exp: T0 / 1000 + 60, ...claims })
      .setProtectedHeader({ alg: 'EdDSA', ...header })
      .sign(key);
  assert.ok(await tokens.verify(await sign({ kid: jwk.kid }, { gen: 0 }), T0));
  assert.equal(await tokens.verify(await sign({}, { gen: 0 }), T0), null);
  assert.equal(await tokens.verify(await sign({ kid: '../x' }, { gen: 0 }), T0), null);
  assert.equal(await tokens.verify(await sign({ kid: jwk.kid }, {}), T0), null);
  assert.equal(await tokens.verify(await sign({ kid: jwk.kid }, { gen: 0, iss: 'another' }), T0), null);
});

test('a token without a signature, or with an HMAC of the public key, is refused', async (t) => {
  const dir = await keyFolder(t);
  const tokens = await Tokens.open(dir, T0);
  const good = await tokens.issue(USER, { ttl: 60, now: T0 });
  const [, claims = '', signature = ''] = good.split('.');
  const kid = kidOf(good);
  const compact = (alg: string, sign: (text: string) => string) => {
    const header = Buffer.from(JSON.stringify({ alg, typ: 'JWT', kid })).toString('base64url');
    return `${header}.${claims}.${sign(`${header}.${claims}`)}`;
  };
  assert.ok(await tokens.verify(good, T0));
  for (const alg of ['none', 'None', '']) {
    for (const end of ['', signature])
      assert.equal(
        await tokens.verify(
          compact(alg, () => end),
          T0,
        ),
        null,
      );
  }
  const { x } = JSON.parse(await readFile(join(dir, `${kid}.json`), 'utf8'));
  for (const secret of [x, Buffer.from(x, 'base64url')]) {
    const hmac = (text: string) => createHmac('sha256', secret).update(text).digest('base64url');
    assert.equal(await tokens.verify(compact('HS256', hmac), T0), null);
  }
});
