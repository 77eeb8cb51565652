import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { EgressProxy } from './proxy.ts';

test('a proxy has an origin; its credentials become a header and are never shown', () => {
  const proxy = EgressProxy.parse('http://us%C3%A9r:p%40ss%3Aword@proxy.internal:3128/');
  assert.equal(proxy.origin, 'http://proxy.internal:3128');
  // The words are "usér:p@ss:word".
  assert.deepEqual(proxy.headers, { 'proxy-authorization': 'Basic dXPDqXI6cEBzczp3b3Jk' });
  assert.equal(proxy.shown, 'http://(hidden)@proxy.internal:3128');
  for (const text of [inspect(proxy, { depth: 9, showHidden: true }), JSON.stringify(proxy)])
    assert.doesNotMatch(text, /dXPDq|p@ss|p%40ss/);
});

test('a proxy without credentials is sent none', () => {
  const proxy = EgressProxy.parse('https://[::1]:8443');
  assert.deepEqual(
    [proxy.origin, proxy.headers, proxy.shown],
    ['https://[::1]:8443', {}, 'https://[::1]:8443'],
  );
  assert.deepEqual(EgressProxy.parse('http://user@proxy').headers, {
    'proxy-authorization': `Basic ${Buffer.from('user:').toString('base64')}`,
  });
});

test('an invalid proxy URL is refused, and the error does not contain it', () => {
  for (const text of [
    ...[
      '',
      'secret',
      'user:secret@proxy:80',
      'socks5://secret@proxy',
      'http://secret@',
      'http://a:secret@b:c',
    ],
    ...['http://secret@proxy/path', 'http://secret@proxy/?query', 'http://secret@proxy/#fragment'],
    ...['http://secret%@proxy', 'http://a:%ff%fe@proxy', 'http://secret%3Acolon:x@proxy'],
  ]) {
    assert.throws(
      () => EgressProxy.parse(text),
      (error) =>
        error instanceof TypeError &&
        /^expected /.test(error.message) &&
        !/secret/.test(inspect(error.message)),
      text,
    );
  }
});
