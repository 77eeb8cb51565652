import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breachesOf, sampleComments } from './prose.ts';
import type { Text } from './texts.ts';

const rulesOf = (text: string, kind: Text['kind'] = 'comment') =>
  breachesOf({ file: 'x', line: 1, kind, text }).map(({ rule }) => rule);

test('a comment with a subject, by itself and in the words of the field, breaks no rule', () => {
  for (const text of [
    'Returns the deliveries that are in flight.',
    'Maximum number of requests. `null`: no limit.',
    'One webhook may buffer at most 1/8 of the free capacity.',
    'All of the files are removed.',
    'All fields of a key in the contract.',
    'The same sender continues.',
    'Asks the resolver again.',
    'Whether a claim is in progress.',
    'Itself a comment; Ofcom, Allow and Sole are words of their own.',
  ])
    assert.deepEqual(rulesOf(text), [], text);
});

test('a comment that opens without a subject, or points back, is named by its first words', () => {
  for (const [text, opening] of [
    ['What the service spends.', 'What'],
    ['Of these, the ones that wait.', 'Of'],
    ['The same for a media.', 'The same'],
    ['One that has ended.', 'One'],
    ['All that an account has.', 'All'],
    ['Its records.', 'Its'],
    ['So the next one waits.', 'So'],
  ] as const)
    assert.deepEqual(rulesOf(text), [`opens with "${opening}": begin with a verb or a noun`], text);
});

test('a comment that refers to another one is named', () => {
  assert.deepEqual(rulesOf('Waits for both, see above.'), [
    '"see above" points elsewhere: each comment stands alone',
  ]);
  assert.deepEqual(rulesOf('Prefers the latter.'), [
    '"the latter" points elsewhere: each comment stands alone',
  ]);
});

test('strings and documents may open as they like, and idioms in them are named with the words to write', () => {
  assert.deepEqual(rulesOf('What happens if the disk is full', 'document'), []);
  assert.deepEqual(rulesOf('the media is gone; come again later', 'string'), ['"come again": write retry']);
  assert.deepEqual(rulesOf('Ten at the most are under way.', 'document'), [
    '"at the most": write at most',
    '"under way": write in flight, in progress, running',
  ]);
});

test('idioms are whole words, in capitals or not', () => {
  assert.deepEqual(rulesOf('For want of memory.'), ['"For want of": write because … is missing']);
  assert.deepEqual(rulesOf('Returns canewood, a renewal of anewness.'), []);
});

test('code, and words that a document quotes in italics, are not read', () => {
  assert.deepEqual(rulesOf('Returns `anew`, not *anew*.'), ['"anew": write again']);
  assert.deepEqual(rulesOf('Write *again*, not *anew* or `anew`.', 'document'), []);
});

test('a sample is the same for the same seed, and another for another', () => {
  assert.deepEqual(sampleComments(5, 1), sampleComments(5, 1));
  assert.notDeepEqual(sampleComments(5, 1), sampleComments(5, 2));
  assert.ok(sampleComments(20, 3).every(({ file, kind }) => file.startsWith('src/') && kind === 'comment'));
});
