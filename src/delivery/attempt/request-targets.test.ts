import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestTargets } from './request-targets.ts';

const HOST = 'receiver.example';
const url = `https://${HOST}/hook?a=b`;

function webhook(changes: { url?: string; headers?: Record<string, string> } = {}) {
  return { id: 'w', secret: '', url, ...changes };
}

test("the head of a target has the owner's headers and the common ones, and is made once", () => {
  const targets = new RequestTargets();
  const headers = { Authorization: 'Bearer 1', 'X-A': '\u00fc' };
  const target = targets.of(webhook({ headers }));
  assert.equal(
    target.head(HOST),
    'POST /hook?a=b HTTP/1.1\r\nhost: receiver.example\r\nconnection: keep-alive\r\nAuthorization: Bearer 1\r\n' +
      'X-A: \u00fc\r\ncontent-type: application/json\r\nuser-agent: Mediahooks (webhooks)\r\n',
  );
  assert.equal(targets.of(webhook({ headers: { ...headers } })), target, 'equal texts in other objects');
});

test('a webhook whose URL or headers have changed in any way has another target at once', () => {
  const targets = new RequestTargets();
  const variants = [
    {},
    { url: `${url}c` },
    { headers: { a: '1' } },
    { headers: { a: '2' } },
    { headers: { A: '2' } },
    { headers: { a: '1', b: '1' } },
    { headers: { b: '1', a: '1' } },
    {},
  ];
  const heads = variants.map((changes) => targets.of(webhook(changes)).head(HOST));
  assert.equal(new Set(heads).size, variants.length - 1);
  assert.equal(heads.at(-1), heads[0]);
});

test('the cache is bounded', () => {
  const targets = new RequestTargets();
  const first = targets.of({ ...webhook(), id: '0' });
  for (let n = 1; n <= 10_000; n += 1) targets.of({ ...webhook(), id: String(n) });
  assert.notEqual(targets.of({ ...webhook(), id: '0' }), first);
});

test('a URL without a path has the path /, and a header that would end its line is refused', () => {
  const targets = new RequestTargets();
  assert.match(targets.of(webhook({ url: `https://${HOST}` })).head(HOST), /^POST \/ HTTP/);
  const split = targets.of(webhook({ headers: { 'x-a': 'b\r\nc: d' } }));
  assert.throws(() => split.head(HOST), /the header "x-a" has a character that is not allowed/);
});
