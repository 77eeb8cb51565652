import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableRows } from '../support/docs/documentation.ts';

/** Words that are easy to take for something else; each document may use them without an explanation. */
const MUST_EXPLAIN = [
  'attempt',
  'bulk resend',
  'buffered',
  'circuit',
  'claim',
  'coverage',
  'delivery',
  'event',
  'exchange',
  'exhausted',
  'group commit',
  'lane',
  'lease',
  'part',
  'postpone',
  'probe',
  'promote',
  'publication',
  'quality',
  'rendition',
  'scratch directory',
  'settle',
  'settlement',
  'suspect',
  'verdict',
];

test('the glossary explains our own words, in order and in a few sentences each', async () => {
  const rows = await tableRows('glossary.md', /^\| [a-z]/);
  const words = rows.map(([word = '']) => word).filter((word) => word !== 'word');
  assert.deepEqual(words, words.toSorted(), 'words are in alphabetical order');
  assert.equal(new Set(words).size, words.length, 'each word is there once');
  for (const word of MUST_EXPLAIN) assert.ok(words.includes(word), `the glossary does not explain "${word}"`);
  for (const [word = '', meaning = '', ...more] of rows) {
    if (word === 'word') continue;
    assert.equal(more.length, 0, word);
    const sentences = meaning.match(/[.?](?= |$)/g) ?? [];
    assert.match(meaning, /^[A-Z`{].*\.$/, word);
    assert.ok(sentences.length <= 3, `${word} takes ${sentences.length} sentences`);
  }
});
