import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import { test } from 'node:test';
import { WebhookMarks } from './webhook-marks.ts';

test('webhooks are known from their addition to their removal', () => {
  const known = new WebhookMarks();
  known.add('a');
  known.add('a');
  known.add('b');
  known.delete('unknown');
  known.delete('a');
  assert.deepEqual(
    ['a', 'b', 'c'].map((id) => known.has(id)),
    [false, true, false],
  );
});

test('fifty thousand webhooks are known, and hardly any other', () => {
  const known = new WebhookMarks();
  const ids = Array.from({ length: 50_000 }, () => randomUUIDv7());
  for (const id of ids) known.add(id);
  const forgotten = ids.filter((id) => !known.has(id)).length;
  // With random ids, 85 are expected, and the standard deviation is 10: a set gets 0.76 webhooks on average.
  assert.ok(forgotten < 150, `${forgotten} are forgotten, because their sets are full`);
  const mistaken = Array.from({ length: 50_000 }, () => randomUUIDv7()).filter((id) => known.has(id));
  assert.deepEqual(mistaken, []);
});
