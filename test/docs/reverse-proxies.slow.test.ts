import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '../../src/platform/testing/eventually.ts';
import { debianProgram } from '../support/docs/debian.ts';
import { Missing } from '../support/docs/downloads.ts';
import { Certificates } from '../support/receivers/certificates.ts';
import { startTestService, type TestService } from '../support/service/service.ts';
import { freePort } from '../support/service/service-process.ts';

/** Several megabytes: more than nginx accepts by its defaults. */
const FILE_BYTES = 6 * 1024 * 1024;

let dir: string;
let service: TestService;
const proxies: ChildProcess[] = [];

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-proxies-'));
  await writeFile(join(dir, 'holiday.mp4'), randomBytes(FILE_BYTES));
  service = await startTestService({ MEDIAHOOKS_TRUST_PROXY: '127.0.0.1' });
});

after(async () => {
  for (const proxy of proxies) {
    if (proxy.exitCode === null && proxy.kill('SIGTERM')) await once(proxy, 'exit');
  }
  await service.stop();
  await rm(dir, { recursive: true });
});

/** Returns the only code block of a language in the document. */
async function configurationOf(language: string): Promise<string> {
  const text = await readFile(new URL('../../docs/operating/reverse-proxies.md', import.meta.url), 'utf8');
  const blocks = Array.from(text.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs')));
  assert.equal(blocks.length, 1);
  return blocks[0]?.[1] ?? '';
}

/** Returns the path of a program of Debian; `null`, and the test is skipped, if this machine can't have it. */
function programOf(t: TestContext, name: string, path: string): string | null {
  try {
    return debianProgram(name, path);
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    t.skip(error.message);
    return null;
  }
}

/** Replaces each text, which must occur in the configuration. */
function replaceIn(configuration: string, replacements: Record<string, string>): string {
  let replaced = configuration;
  for (const [text, replacement] of Object.entries(replacements)) {
    assert.ok(replaced.includes(text), `the configuration has no ${text}`);
    replaced = replaced.replace(text, replacement);
  }
  return replaced;
}

const servicePort = () => new URL(service.service.url).port;

/** Sends the request with curl, as the README does. Returns the status and the answer. */
async function curl(url: string, ...args: string[]): Promise<{ status: number; body: string }> {
  const { publicKey, secretKey } = service.client.credentials;
  const options = ['-sS', '-u', `${publicKey}:${secretKey}`, '-w', '\n%{http_code}', '--max-time', '60'];
  const certificate = url.startsWith('https:') ? ['--cacert', join(dir, 'localhost.pem')] : [];
  const { stdout } = await promisify(execFile)('curl', [...options, ...certificate, ...args, url]);
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
}

async function startProxy(command: string, args: readonly string[], url: string): Promise<void> {
  const proxy = spawn(command, args, {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Caddy keeps files in the user's home.
    env: { ...process.env, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
  });
  proxies.push(proxy);
  let printed = '';
  for (const stream of [proxy.stdout, proxy.stderr]) stream?.on('data', (chunk) => (printed += chunk));
  await eventually('the proxy answers', async () => {
    assert.equal(proxy.exitCode, null, printed);
    return curl(`${url}/healthz`).then(
      ({ status }) => status === 200,
      () => false,
    );
  });
}

/** Uploads the file through the proxy. Returns the status of the part. */
async function upload(url: string): Promise<number> {
  const { client } = service;
  const { id } = await client.createMedia();
  const { status } = await curl(`${url}/api/media/${id}/part`, '-F', `file=@${join(dir, 'holiday.mp4')}`);
  if (status === 200) {
    const complete = await curl(`${url}/api/media/${id}/complete`);
    assert.equal(complete.status, 200, complete.body);
    const media = await client.expect(200, 'GET', `/media/${id}`);
    assert.equal(media.data.size, FILE_BYTES);
  }
  await client.expect(200, 'DELETE', `/media/${id}`);
  return status;
}

async function assertProxied(url: string): Promise<void> {
  assert.equal(await upload(url), 200);
  assert.equal((await curl(`${url}/metrics`)).status, 404);
  assert.equal((await curl(`${url}/api/webhooks`)).status, 200);
}

/** Writes nginx's main configuration, which includes `site`, and returns nginx's arguments. */
async function nginxArgs(site: string): Promise<string[]> {
  const name = `nginx-${await freePort()}`;
  await writeFile(join(dir, `${name}.site`), site);
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  await writeFile(
    join(dir, `${name}.conf`),
    `daemon off; pid ${dir}/${name}.pid; error_log stderr; events {}
     http { access_log off; ${places.map((place) => `${place}_temp_path ${dir}/${place};`).join(' ')}
     include ${dir}/${name}.site; }`,
  );
  return ['-p', dir, '-c', join(dir, `${name}.conf`)];
}

test('uploads of several megabytes pass nginx with the configuration of the document', async (t) => {
  const nginx = programOf(t, 'nginx', 'usr/sbin/nginx');
  if (!nginx) return;
  new Certificates(dir).selfSigned('localhost', '-addext', 'subjectAltName=IP:127.0.0.1');
  const port = await freePort();
  const site = replaceIn(await configurationOf('nginx'), {
    '127.0.0.1:8080': `127.0.0.1:${servicePort()}`,
    'listen 443 ssl;': `listen 127.0.0.1:${port} ssl;`,
    'listen [::]:443 ssl;': '',
    '/etc/letsencrypt/live/hooks.example.com/fullchain.pem': join(dir, 'localhost.pem'),
    '/etc/letsencrypt/live/hooks.example.com/privkey.pem': join(dir, 'localhost.key'),
  });
  const args = await nginxArgs(site);
  const { status, stderr } = spawnSync(nginx, ['-t', ...args], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /\[warn\]/);
  await startProxy(nginx, args, `https://127.0.0.1:${port}`);
  await assertProxied(`https://127.0.0.1:${port}`);
});

test('nginx refuses the same upload by its defaults, as the document says', async (t) => {
  const nginx = programOf(t, 'nginx', 'usr/sbin/nginx');
  if (!nginx) return;
  const port = await freePort();
  const location = `location / { proxy_pass http://127.0.0.1:${servicePort()}; }`;
  const args = await nginxArgs(`server { listen 127.0.0.1:${port}; ${location} }`);
  await startProxy(nginx, args, `http://127.0.0.1:${port}`);
  assert.equal(await upload(`http://127.0.0.1:${port}`), 413);
});

test('uploads of several megabytes pass Caddy with the configuration of the document', async (t) => {
  const caddy = programOf(t, 'caddy', 'usr/bin/caddy');
  if (!caddy) return;
  const url = `http://127.0.0.1:${await freePort()}`;
  const site = replaceIn(await configurationOf('caddy'), {
    'hooks.example.com': url,
    '127.0.0.1:8080': `127.0.0.1:${servicePort()}`,
  });
  await writeFile(join(dir, 'Caddyfile'), `{\n\tadmin off\n}\n${site}`);
  const args = ['--config', join(dir, 'Caddyfile'), '--adapter', 'caddyfile'];
  const { status, stderr } = spawnSync(caddy, ['validate', ...args], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  await startProxy(caddy, ['run', ...args], url);
  await assertProxied(url);
});
