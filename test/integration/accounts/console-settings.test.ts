import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConsoleBrowser } from '../../support/service/console-browser.ts';
import { QUICK_PASSWORDS, startTestService } from '../../support/service/service.ts';

const SESSION = '/api/console/session';

function start(settings: Record<string, string>) {
  return startTestService(settings, { passwordCost: QUICK_PASSWORDS });
}

test('over https, in a frame of an allowed site, the cookie is bound to the host and to that site', async () => {
  const embedded = await start({
    MEDIAHOOKS_PUBLIC_URL: 'https://hooks.example.com',
    MEDIAHOOKS_CONSOLE_EMBED_ORIGINS: 'https://platform.example.com',
  });
  try {
    const { publicKey: public_key, secretKey: secret_key } = embedded.client.credentials;
    const browser = new ConsoleBrowser(embedded.service.url);
    await browser.signIn({ public_key, secret_key });
    const form =
      /^__Host-mediahooks=[\w-]{43}; Path=\/; HttpOnly; SameSite=None; Partitioned; Max-Age=43200; Secure$/;
    assert.match(browser.setCookie, form);
    const own = { origin: 'https://hooks.example.com' };
    assert.equal((await browser.call('GET', '/api/webhooks', { headers: own })).status, 200);
    const platform = { origin: 'https://platform.example.com', 'sec-fetch-site': 'cross-site' };
    assert.equal((await browser.call('GET', '/api/webhooks', { headers: platform })).status, 403);
    // A cookie that a sibling host or somebody on the network could have set.
    browser.cookie = browser.cookie.replace('__Host-', '');
    assert.equal((await browser.call('GET', '/api/webhooks')).status, 401);
  } finally {
    await embedded.stop();
  }
});

test('the console has the colour and the logo of the settings', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-logo-'));
  const logo = join(dir, 'logo.svg');
  await writeFile(logo, '<svg xmlns="http://www.w3.org/2000/svg"/>');
  const themed = await start({ MEDIAHOOKS_CONSOLE_ACCENT: '#0B6E4F', MEDIAHOOKS_CONSOLE_LOGO: logo });
  try {
    const { theme } = (await themed.client.expect(200, 'GET', '/console/session')).data;
    assert.deepEqual(theme, { accent: '#0b6e4f', logo: '/api/console/logo' });
    const response = await fetch(themed.service.url + theme.logo);
    assert.equal(response.headers.get('content-type'), 'image/svg+xml');
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'.*sandbox/);
    assert.match(await response.text(), /^<svg/);
    await rm(logo);
    const gone = await fetch(themed.service.url + theme.logo);
    assert.equal(gone.status, 404);
    await gone.body?.cancel();
  } finally {
    await themed.stop();
    await rm(dir, { recursive: true });
  }
});

test('a console that is off signs nobody in, and accepts no cookie', async () => {
  const off = await start({ MEDIAHOOKS_CONSOLE: 'off' });
  try {
    const { publicKey: public_key, secretKey: secret_key } = off.client.credentials;
    const browser = new ConsoleBrowser(off.service.url);
    const refused = await browser.call('POST', SESSION, { json: { public_key, secret_key } });
    assert.deepEqual([refused.status, refused.body.code, browser.cookie], [404, 'not_found', '']);
  } finally {
    await off.stop();
  }
});

test('guesses of passwords, keys and links share the limit of their address', async () => {
  const limited = await start({ MEDIAHOOKS_RATE_LIMIT_UNAUTHORIZED: '0.001:3' });
  try {
    const browser = new ConsoleBrowser(limited.service.url);
    const guesses = [
      { email: 'nobody@example.com', password: 'guess' },
      { public_key: 'guess', secret_key: 'guess' },
      { link: 'guess' },
      { link: 'another guess' },
    ];
    const statuses: number[] = [];
    for (const json of guesses) statuses.push((await browser.call('POST', SESSION, { json })).status);
    assert.deepEqual(statuses, [401, 401, 401, 429]);
  } finally {
    await limited.stop();
  }
});
