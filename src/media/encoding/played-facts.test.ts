import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playedFacts } from './played-facts.ts';

const facts = { duration: 10, type: 'video', notes: ['One.'], hasTakenThumbnail: false } as const;

test('facts stay as they are if the encode shows nothing else', () => {
  assert.equal(playedFacts(facts, 10.05, ['One.']), facts);
  assert.equal(playedFacts(facts, null, []), facts);
});

test('a duration that is played and notes of the encode replace what was found', () => {
  assert.deepEqual(playedFacts(facts, 6.4, ['Two.']), { ...facts, duration: 6.4, notes: ['One.', 'Two.'] });
});
