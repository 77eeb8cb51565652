import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConsoleBrowser } from '../../support/service/console-browser.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { QUICK_PASSWORDS, startTestService, type TestService } from '../../support/service/service.ts';

const PASSWORD = 'correct horse battery staple';
const OTHER_PASSWORD = 'another one, of many words';
const SESSION = '/api/console/session';

let test_: TestService;
let url: string;
let email: string;

before(async () => {
  test_ = await startTestService({}, { passwordCost: QUICK_PASSWORDS });
  url = test_.service.url;
  const { userId } = test_.client.credentials;
  email = (await test_.operator.expect(200, 'PATCH', `/accounts/${userId}`, { password: PASSWORD })).data
    .account.email;
});

after(() => test_.stop());

async function signedIn(proof: object = { email, password: PASSWORD }): Promise<ConsoleBrowser> {
  const browser = new ConsoleBrowser(url);
  await browser.signIn(proof);
  return browser;
}

/** Creates an API key of the client's account. */
async function newKey(type: string): Promise<{ id: string; public_key: string; secret_key: string }> {
  const body = { api_key_name: 'a key', type };
  const { id, public_key, secret } = (await test_.client.expect(201, 'POST', '/api_keys', body)).data.api_key;
  return { id, public_key, secret_key: secret };
}

async function newLink(): Promise<string> {
  const { userId } = test_.client.credentials;
  const { data } = await test_.operator.expect(201, 'POST', `/accounts/${userId}/console-links`);
  assert.equal(data.url.split('#')[0], `${url}/console/`);
  return new URLSearchParams(new URL(data.url).hash.slice(1)).get('link') ?? assert.fail();
}

test('a person signs in by password, API key or link, and is told who is signed in until when', async () => {
  const { secret_key, public_key } = await newKey('full_access');
  const proofs = [
    [{ email, password: PASSWORD }, 'password', 12],
    [{ public_key, secret_key }, 'api_key', 12],
    [{ link: await newLink() }, 'link', 1],
  ] as const;
  for (const [proof, means, hours] of proofs) {
    const browser = new ConsoleBrowser(url);
    const opened = await browser.signIn(proof);
    assert.equal(opened.account.email, email);
    assert.deepEqual([opened.access, opened.signed_in_with], ['full_access', means]);
    const leftH = (Date.parse(opened.expires_at) - Date.now()) / 3_600_000;
    assert.ok(leftH > hours - 0.1 && leftH <= hours, String(leftH));
    assert.match(browser.setCookie, new RegExp(`Max-Age=${hours * 3600}`));
    assert.deepEqual((await browser.expect(200, 'GET', SESSION)).data, opened);
    assert.equal((await browser.expect(200, 'GET', '/api/user/me')).data.user.email, email);
  }
});

test('the cookie is for this host alone and out of reach of scripts, and no answer tells its secret', async () => {
  const browser = new ConsoleBrowser(url);
  const answer = await browser.call('POST', SESSION, { json: { email, password: PASSWORD } });
  assert.match(
    browser.setCookie,
    /^mediahooks=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
  );
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const secret = browser.cookie.split('=')[1] ?? assert.fail();
  const told = [answer, await browser.call('GET', SESSION), await browser.call('GET', '/api/user/me')];
  for (const { body } of told) assert.ok(!JSON.stringify(body).includes(secret));
  for (const { body } of told) assert.ok(!/"token"/.test(JSON.stringify(body)));
});

test('wrong proofs are refused alike, incomplete or mixed ones with the name of the field', async () => {
  const browser = new ConsoleBrowser(url);
  const { id, ...key } = await newKey('full_access');
  await test_.client.expect(200, 'DELETE', `/api_keys/${id}`);
  const wrong = [
    { email, password: 'wrong' },
    { email: 'nobody@example.com', password: PASSWORD },
    key,
    { public_key: key.public_key, secret_key: 'wrong' },
    { link: 'wrong' },
  ];
  for (const json of wrong) {
    assertRefusal(await asAnswer(browser.call('POST', SESSION, { json })), 'unauthorized');
    assert.equal(browser.cookie, '');
  }
  const invalid = [
    [{}, 'email'],
    [{ email }, 'password'],
    [{ secret_key: 'x' }, 'public_key'],
    [{ email, password: PASSWORD, link: 'x' }, 'link'],
    [{ email, password: PASSWORD, secret_key: 'x' }, 'secret_key'],
    [{ link: '' }, 'link'],
  ] as const;
  for (const [json, field] of invalid) {
    const answer = await browser.call('POST', SESSION, { json });
    assert.equal(answer.status, 400);
    assert.equal(answer.body.details[0].field, field);
  }
});

test('a session by a key for uploads can upload, and sees nothing else', async () => {
  const browser = await signedIn({ ...(await newKey('only_upload')), id: undefined });
  assert.equal((await browser.expect(200, 'GET', SESSION)).data.access, 'only_upload');
  await browser.expect(200, 'POST', '/api/media/create', { title: 'A clip' });
  for (const path of ['/api/deliveries', '/api/webhooks', '/api/media', '/api/user/me', '/api/audit'])
    assertRefusal(await asAnswer(browser.call('GET', path)), 'forbidden');
  const change = { current_password: PASSWORD, new_password: OTHER_PASSWORD };
  assertRefusal(await asAnswer(browser.call('POST', `${SESSION}/password`, { json: change })), 'forbidden');
});

test('a signed-out session is refused at once, and the browser forgets the cookie', async () => {
  const browser = await signedIn();
  const { cookie } = browser;
  await browser.expect(200, 'DELETE', SESSION);
  assert.match(browser.setCookie, /^mediahooks=; .*Max-Age=0/);
  browser.cookie = cookie;
  assertRefusal(await asAnswer(browser.call('GET', '/api/webhooks')), 'unauthorized');
  await browser.expect(200, 'DELETE', SESSION);
});

test('a link is used once, also by two browsers at the same moment', async () => {
  const link = await newLink();
  const statuses = await Promise.all(
    [0, 1, 2].map(
      async () => (await new ConsoleBrowser(url).call('POST', SESSION, { json: { link } })).status,
    ),
  );
  assert.deepEqual(statuses.toSorted(), [200, 401, 401]);
});

test('removing the API key, disabling the account, or a new password ends sessions at once', async () => {
  const { id, ...key } = await newKey('full_access');
  const byKey = await signedIn(key);
  await test_.client.expect(200, 'DELETE', `/api_keys/${id}`);
  assertRefusal(await asAnswer(byKey.call('GET', '/api/webhooks')), 'unauthorized');

  const path = `/accounts/${test_.client.credentials.userId}`;
  const sessions = [await signedIn(), await signedIn({ link: await newLink() })];
  await test_.operator.expect(200, 'PATCH', path, { is_disabled: true });
  for (const one of sessions) assertRefusal(await asAnswer(one.call('GET', '/api/webhooks')), 'unauthorized');
  assertRefusal(await test_.operator.call('POST', `${path}/console-links`), 'conflict');
  await test_.operator.expect(200, 'PATCH', path, { is_disabled: false });
  for (const one of sessions) await one.expect(200, 'GET', '/api/webhooks');

  const [changing, other] = sessions as [ConsoleBrowser, ConsoleBrowser];
  // This answer would have a token.
  const change = { current_password: PASSWORD, new_password: OTHER_PASSWORD };
  assertRefusal(await asAnswer(changing.call('POST', '/api/auth/password', { json: change })), 'forbidden');
  const { cookie } = changing;
  await changing.expect(200, 'POST', `${SESSION}/password`, change);
  await changing.expect(200, 'GET', '/api/webhooks');
  assertRefusal(await asAnswer(other.call('GET', '/api/webhooks')), 'unauthorized');
  changing.cookie = cookie;
  assertRefusal(await asAnswer(changing.call('GET', '/api/webhooks')), 'unauthorized');
  await test_.operator.expect(200, 'PATCH', path, { password: PASSWORD });
});

/** Headers of requests that a page of another origin can make a browser send with the cookie. */
const HOSTILE: Record<string, Record<string, string>> = {
  'a form or a picture, which cannot have the header': {
    'x-mediahooks-console': '',
    'sec-fetch-site': 'cross-site',
  },
  'a form of a sibling host': { 'x-mediahooks-console': '', 'sec-fetch-site': 'same-site' },
  'a form over plain http': {
    'x-mediahooks-console': '',
    'sec-fetch-site': '',
    origin: 'http://evil.example',
  },
  'a link that a person clicks': { 'x-mediahooks-console': '', 'sec-fetch-site': 'none' },
  'the header with another value': { 'x-mediahooks-console': 'true' },
  'a script of another site, if a preflight were granted': { 'sec-fetch-site': 'cross-site' },
  'a script of a sibling host': { 'sec-fetch-site': 'same-site' },
  'an extension that claims no site': { 'sec-fetch-site': 'none' },
  'another origin over plain http': { 'sec-fetch-site': '', origin: 'http://evil.example' },
  'another port of this machine': { 'sec-fetch-site': '', origin: 'http://127.0.0.1:1' },
  'a sandboxed frame': { 'sec-fetch-site': '', origin: 'null' },
  'an origin that contradicts the site': { origin: 'https://evil.example' },
};

test('hostile pages get nothing with the cookie, can change nothing, and can sign nobody in or out', async () => {
  const browser = await signedIn();
  const { id } = (await browser.expect(200, 'POST', '/api/media/create', { title: 'A clip' })).data;
  for (const [page, headers] of Object.entries(HOSTILE)) {
    const requests = [
      browser.call('GET', `/api/media/${id}`, { headers }),
      browser.call('DELETE', `/api/media/${id}`, { headers }),
      browser.call('GET', `/api/media/${id}/complete`, { headers }),
      browser.call('POST', '/api/webhooks', { headers, json: { url: 'https://evil.example' } }),
      browser.call('DELETE', SESSION, { headers }),
      browser.call('POST', SESSION, { headers, json: { email, password: PASSWORD } }),
    ];
    for (const answer of await Promise.all(requests)) {
      assert.ok([401, 403].includes(answer.status), `${page}: ${JSON.stringify(answer.body)}`);
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
    }
  }
  await browser.expect(200, 'GET', `/api/media/${id}`);
  const asked = { origin: 'https://evil.example', 'access-control-request-headers': 'x-mediahooks-console' };
  const preflight = await browser.call('OPTIONS', SESSION, { headers: asked });
  assert.ok(preflight.status >= 400);
  assert.equal(preflight.headers.get('access-control-allow-headers'), null);
});

test('outside of the API, and beside another credential, the cookie does not count', async () => {
  const browser = await signedIn();
  const { id } = (
    await browser.expect(200, 'POST', '/api/media/create', { title: 'A clip', is_public: false })
  ).data;
  const headers = { cookie: browser.cookie, 'x-mediahooks-console': '1' };
  for (const path of [`/assets/${id}/source`, `/player/${id}/hls`])
    assert.equal((await fetch(url + path, { headers })).status, 404);
  const wrong = { authorization: 'Bearer wrong' };
  assertRefusal(await asAnswer(browser.call('GET', '/api/webhooks', { headers: wrong })), 'unauthorized');
});

async function asAnswer(answer: ReturnType<ConsoleBrowser['call']>) {
  const { status, headers, body } = await answer;
  return { status, body, contentType: headers.get('content-type') };
}
