import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiClient, basicHeaders } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** Public host name of the reverse proxy. */
const PUBLIC_HOST = 'hooks.example.com';

let service: TestService;

before(async () => {
  service = await startTestService({ MEDIAHOOKS_PUBLIC_URL: `https://${PUBLIC_HOST}` });
});

after(() => service.stop());

/** Headers of a browser about the page that made it send a request. */
const FOREIGN: Record<string, string>[] = [
  { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.com' },
  // Over http, browsers do not name the site.
  { origin: 'http://evil.example' },
  { origin: 'null' },
];

/** A form, which a browser sends for any page without asking first. */
const form = (client: ApiClient, headers: Record<string, string>) =>
  client.send('/webhooks', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: 'url=https%3A%2F%2F192.0.2.1%2F&file_received=',
  });

test("a page of another site changes nothing with a browser's Basic credentials", async () => {
  const { client } = service;
  const { id } = await client.createMedia();
  for (const headers of FOREIGN) {
    assertRefusal(await form(client, headers), 'cross_site_request');
    assertRefusal(await client.call('DELETE', `/media/${id}`, undefined, headers), 'cross_site_request');
  }
  // A link or a picture on another site, as browsers request them.
  const picture = { 'sec-fetch-site': 'cross-site' };
  assertRefusal(await client.call('GET', `/media/${id}/complete`, undefined, picture), 'cross_site_request');
  assert.equal((await client.call('GET', `/media/${id}`, undefined, picture)).status, 200);
});

test('requests from pages of the same origin, and from addresses that a person typed, are accepted; behind a proxy, too', async () => {
  const own = [
    { 'sec-fetch-site': 'same-origin', origin: `https://${PUBLIC_HOST}` },
    { 'sec-fetch-site': 'none' },
    { origin: `http://${new URL(service.service.url).host}` },
    { origin: `https://${PUBLIC_HOST}` },
  ];
  for (const headers of own) assertRefusal(await form(service.client, headers), 'invalid_request');
});

test('credentials that no browser sends by itself are accepted from any page that can send them', async () => {
  const { credentials } = service.client;
  const { publicKey, secretKey, token } = credentials;
  const keys = { 'stream-public-key': publicKey, 'stream-secret-key': secretKey };
  // The public Node client sends both.
  const basic = basicHeaders(publicKey, secretKey);
  for (const given of [{ authorization: `Bearer ${token}` }, keys, { ...basic, ...keys }]) {
    const client = new ApiClient(service.service.url, credentials, given);
    for (const headers of FOREIGN) {
      const { id } = (await client.call('POST', '/media/create', { title: 'A clip' }, headers)).body.data;
      assert.equal((await client.call('DELETE', `/media/${id}`, undefined, headers)).status, 200);
    }
  }
});

test('the API answers no preflight, and no other origin may read', async () => {
  const asked = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
  for (const [method, path] of [
    ['OPTIONS', '/api/webhooks'],
    ['GET', '/api/openapi.json'],
  ] as const) {
    const { headers, body } = await fetch(service.service.url + path, { method, headers: asked });
    await body?.cancel();
    assert.equal(headers.get('access-control-allow-origin'), null, path);
  }
});
