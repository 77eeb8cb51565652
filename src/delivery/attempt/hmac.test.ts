import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { HmacKey } from './hmac.ts';

test('the code is that of Node, for keys and messages of every length and kind', () => {
  const messages = [
    '',
    'a',
    'Grüße, 世界 🎬',
    'x'.repeat(55),
    'x'.repeat(64),
    '界'.repeat(90_000),
    'y'.repeat(300_000),
  ];
  for (const length of [0, 1, 24, 32, 63, 64, 65, 200]) {
    const bytes = randomBytes(length);
    const key = new HmacKey(bytes);
    // Twice, because the code of one message must not depend on the one before.
    for (const message of [...messages, ...messages]) {
      const expected = createHmac('sha256', bytes).update(message).digest('base64');
      const half = Math.floor(message.length / 4) * 2;
      for (const cut of [0, half, message.length]) {
        const code = key.sign(message.slice(0, cut), message.slice(cut));
        assert.equal(
          code,
          expected,
          `a key of ${length} bytes, a message of ${message.length}, cut at ${cut}`,
        );
      }
    }
  }
});
