import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partsText } from './parts-text.ts';

const part = (start: number, end: number) => ({ start, end });

test('parts are named in order, and joined if they follow each other closely', () => {
  assert.equal(partsText([part(3, 4.25), part(1, 1.5), part(1.7, 2)]), 'from 1 s to 2 s, from 3 s to 4.3 s');
  assert.equal(partsText([part(7.01, 7.03)]), 'at 7 s');
});

test('many parts are counted', () => {
  const parts = [0, 1, 2, 3, 4].map((start) => part(start, start));
  assert.equal(partsText(parts), 'at 0 s, at 1 s, at 2 s, and in 2 more places');
  assert.equal(partsText(parts.slice(1)), 'at 1 s, at 2 s, at 3 s, and in one more place');
});
