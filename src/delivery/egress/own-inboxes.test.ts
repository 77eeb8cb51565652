import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnInboxes } from './own-inboxes.ts';

const TOKEN = 'Zm9yIGEgZG9jdW1lbnQgb25seSwgb2YgY291cnNlLiE';

function opened(publicUrl: string, listeningUrl = 'http://127.0.0.1:8080'): OwnInboxes {
  const inboxes = new OwnInboxes();
  inboxes.open({ publicUrl, listeningUrl });
  return inboxes;
}

test('only the exact URL of an inbox is one, as `URL` serializes it', () => {
  const inboxes = opened('http://localhost:8080');
  assert.ok(inboxes.isInboxUrl(`http://localhost:8080/inbox/${TOKEN}`));
  const others = [
    `http://localhost:8081/inbox/${TOKEN}`,
    `https://localhost:8080/inbox/${TOKEN}`,
    `http://127.0.0.1:8080/inbox/${TOKEN}`,
    `http://localhost:8080.evil.example/inbox/${TOKEN}`,
    `http://localhost:8080@evil.example/inbox/${TOKEN}`,
    `http://evil.example/http://localhost:8080/inbox/${TOKEN}`,
    `http://localhost:8080/inbox/${TOKEN}?x`,
    `http://localhost:8080/inbox/${TOKEN}/`,
    `http://localhost:8080/inbox/${TOKEN}/../../api/media`,
    `http://localhost:8080/inbox/../api/webhooks/${TOKEN}`,
    `http://localhost:8080/inbox/%2e%2e/${TOKEN}`,
    `http://localhost:8080//inbox/${TOKEN}`,
    `http://localhost:8080/INBOX/${TOKEN}`,
    `http://localhost:8080/inbox/${TOKEN}x`,
    `http://localhost:8080/inbox/`,
    `http://localhost:8080/api/inbox/${TOKEN}`,
    `http://localhost:8080/metrics`,
    `http://localhost:8080/inbox/${TOKEN}\n`,
  ];
  for (const url of others) {
    const serialized = URL.parse(url)?.href ?? url;
    if (serialized === `http://localhost:8080/inbox/${TOKEN}`) continue;
    assert.ok(!inboxes.isInboxUrl(serialized), url);
  }
});

test('a public URL with a path has inboxes below it, and nothing is one before the server listens', () => {
  const url = `https://example.com/hooks/inbox/${TOKEN}`;
  assert.ok(!new OwnInboxes().isInboxUrl(url));
  const inboxes = opened('https://example.com/hooks', 'http://[::]:8080');
  assert.ok(inboxes.isInboxUrl(url));
  assert.ok(!inboxes.isInboxUrl(`https://example.com/inbox/${TOKEN}`));
  assert.ok(!inboxes.isInboxUrl(`https://example.com/hooksinbox/${TOKEN}`));
  assert.deepEqual(inboxes.destination, { protocol: 'http:', hostname: '::1', port: 8080 });
});
