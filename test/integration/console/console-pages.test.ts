import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findConsole, findFile } from '../../../src/http/console/console-files.ts';
import { consolePolicy } from '../../../src/http/console/content-security-policy.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

let service: TestService;

before(async () => {
  service = await startTestService();
});

after(() => service.stop());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(service.service.url + path, { headers, redirect: 'manual' });

/** Gets a file as it is sent. `fetch` decompresses it and hides that it was compressed. */
function getRaw(
  path: string,
  headers: Record<string, string>,
): Promise<{ encoding: string | undefined; bytes: number }> {
  return new Promise((resolve, reject) => {
    request(service.service.url + path, { headers }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => resolve({ encoding: response.headers['content-encoding'], bytes }));
    })
      .on('error', reject)
      .end();
  });
}

/** Returns the path of the program that the page loads. */
async function programPath(): Promise<string> {
  const html = await (await get('/console/')).text();
  return /src="([^"]+\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? '';
}

test('/ leads a browser to the console, and tells a program where the API is described', async () => {
  const page = await get('/', { accept: 'text/html,application/xhtml+xml' });
  assert.deepEqual([page.status, page.headers.get('location')], [302, '/console/']);
  const answer = await get('/', { accept: '*/*' });
  assert.match(((await answer.json()) as { message: string }).message, /\/api\/docs/);
});

test('every path of a page is answered with the page, which is never kept unasked', async () => {
  for (const path of [
    '/console/',
    '/console/webhooks',
    '/console/deliveries?state=failed',
    '/console/a/b/c',
  ]) {
    const answer = await get(path);
    assert.equal(answer.status, 200, path);
    assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
    const again = await get(path, { 'if-none-match': answer.headers.get('etag') ?? '' });
    assert.equal(again.status, 304, path);
  }
  const folder = await get('/console');
  assert.deepEqual([folder.status, folder.headers.get('location')], [308, '/console/']);
});

test('the policy allows this service alone, without inline scripts, inline styles and frames', async () => {
  const { headers } = await get('/console/');
  const policy = headers.get('content-security-policy') ?? '';
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.match(policy, /frame-ancestors 'none'$/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  assert.match(
    consolePolicy(['https://a.example', 'https://b.example']),
    /frame-ancestors https:\/\/a\.example https:\/\/b\.example$/,
  );
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('referrer-policy'), 'no-referrer');
});

test('files with a hash in their names are kept for a year, and sent as they were compressed', async () => {
  const path = await programPath();
  const answer = await get(path);
  assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  const plain = await getRaw(path, {});
  const small = await getRaw(path, { 'accept-encoding': 'gzip, br' });
  assert.deepEqual([plain.encoding, small.encoding], [undefined, 'br']);
  assert.ok(small.bytes < plain.bytes / 2, `${small.bytes} of ${plain.bytes} bytes`);
  const refused = await getRaw(path, { 'accept-encoding': 'br;q=0, identity' });
  assert.equal(refused.encoding, undefined);
});

test('a file that does not exist, or is outside of the folder, is not found', async () => {
  for (const path of [
    '/console/assets/none.js',
    '/console/assets/',
    '/console/%00',
    '/console/..%2f..%2fpackage.js',
  ])
    assert.equal((await get(path)).status, 404, path);
  const folder = findConsole() as string;
  assert.equal(await findFile(folder, '../../../../etc/passwd.js', false), null);
  assert.equal((await findFile(folder, '../../package.json', false))?.path, join(folder, 'index.html'));
});

test('where the console is off, there is nothing at /console, and / leads nobody there', async () => {
  const off = await startTestService({ MEDIAHOOKS_CONSOLE: 'off' });
  try {
    assert.equal((await fetch(`${off.service.url}/console/`)).status, 404);
    const first = await fetch(`${off.service.url}/`, { headers: { accept: 'text/html' } });
    assert.equal(((await first.json()) as { status: string }).status, 'success');
  } finally {
    await off.stop();
  }
});

test('without a build, no folder is found', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-console-'));
  assert.equal(findConsole(dir), null);
  await cp(findConsole() as string, join(dir, 'console/dist'), { recursive: true });
  assert.equal(findConsole(join(dir, 'node_modules/.cache/program')), join(dir, 'console/dist'));
  await rm(dir, { recursive: true });
});
