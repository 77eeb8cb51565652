import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breachesOf } from '../support/docs/prose.ts';
import { type Text, textsBelow } from '../support/docs/texts.ts';

/** Files that name the words which the rules forbid. */
const RULES = /^test\/support\/docs\/prose(?:\.test)?\.ts$/;

/** Customers read documents, and the strings of the service: errors, descriptions, log messages, the command line. */
const isForCustomers = ({ kind, file }: Text) => kind === 'document' || (kind === 'string' && isSource(file));
const isSource = (file: string) => file.startsWith('src/') && !/\.test\.ts$|\/testing\//.test(file);

const texts = textsBelow().filter(({ file }) => !RULES.test(file));

/** Returns a line for each breach of the rules. */
function breachesIn(some: readonly Text[]): string[] {
  return some
    .flatMap(breachesOf)
    .map(({ file, line, rule, text }) => `${file}:${line} ${rule} (${text.slice(0, 80)})`);
}

test('documents, errors, descriptions, log messages and the command line obey the rules of English', () => {
  const some = texts.filter(isForCustomers);
  assert.ok(some.length > 2_000, `only ${some.length} texts are found`);
  assert.deepEqual(breachesIn(some), []);
});

test('comments, and the strings of tests, obey the rules of English', () => {
  const some = texts.filter((text) => !isForCustomers(text));
  assert.ok(some.length > 4_000, `only ${some.length} texts are found`);
  assert.deepEqual(breachesIn(some), []);
});
