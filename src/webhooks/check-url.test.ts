import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkUrl } from './check-url.ts';

const everywhere = { urlRefusal: async () => null };

test('a URL is stored in its normal form, without a fragment', async () => {
  assert.equal(await checkUrl('HTTPS://Example.com:443/a b?c#d', everywhere), 'https://example.com/a%20b?c');
});

test('a URL that is not http or https, or has credentials, is refused before its name is resolved', async () => {
  const never = { urlRefusal: () => assert.fail('the policy was asked') };
  for (const text of ['example.com', 'ftp://example.com', 'https://user:pass@example.com', ''])
    await assert.rejects(checkUrl(text, never), { code: 'invalid_request' }, text);
});

test('a refusal of the egress policy is the error', async () => {
  const nowhere = { urlRefusal: async () => 'the address is private' };
  await assert.rejects(checkUrl('https://example.com', nowhere), {
    code: 'url_not_allowed',
    details: [{ field: 'url', message: 'the address is private' }],
  });
});
