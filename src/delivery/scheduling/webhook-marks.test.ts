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
  assert.ok(forgotten < 100, `${forgotten} are forgotten, because their sets are full`);
  const mistaken = Array.from({ length: 50_000 }, () => randomUUIDv7()).filter((id) => known.has(id));
  assert.deepEqual(mistaken, []);
});
