import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textsBelow, textsOfDocument, textsOfScript, textsOfSource } from './texts.ts';

/** Returns the texts of a source, each with its line and kind. */
const found = (source: string) =>
  textsOfSource('x.ts', source).map(({ line, kind, text }) => `${line} ${kind}: ${text}`);

test('comments are found without their frames, line comments below each other as one', () => {
  const source = `/** Returns a name. */
/**
 * Claims a delivery,
 * and waits.
 */
// The first line
// and the second.
const a = 1; // A trailing comment.

// Another comment.
`;
  assert.deepEqual(found(source), [
    '1 comment: Returns a name.',
    '2 comment: Claims a delivery, and waits.',
    '6 comment: The first line and the second.',
    '8 comment: A trailing comment.',
    '10 comment: Another comment.',
  ]);
});

test('strings of several words are found, names and directives are not', () => {
  const source = `import x from './a b.ts';
// biome-ignore lint/x/y: a reason
const name = 'storage_full';
const text = "the webhook's name";
`;
  assert.deepEqual(found(source), ['1 string: ./a b.ts', "4 string: the webhook's name"]);
});

test('templates are found with their expressions left out, and strings within these, too', () => {
  const source = `const t = \`the \${a ? 'first one' : \`second \${b} of \${c}\`} came \${d}\`; // After it.\n`;
  assert.deepEqual(found(source), [
    '1 string: the … came …',
    '1 string: first one',
    '1 string: second … of …',
    '1 comment: After it.',
  ]);
});

test('quotes and slashes in regular expressions, strings and divisions begin nothing', () => {
  const source = `const a = /it's \\/\\/ a "regex" [/'] here/g.test(b);
const half = (a + b) / 2; // Half of it.
const url = 'https://example.com/a b'; const q = x / y / z;
return /^'a b$/;
// The end.
`;
  assert.deepEqual(found(source), [
    '2 comment: Half of it.',
    '3 string: https://example.com/a b',
    '5 comment: The end.',
  ]);
});

test('comments of a shell script are found, the line that names its interpreter is not', () => {
  const source = '#!/bin/sh\n# Runs all tests,\n# and reports.\nset -eu\n  # Another comment.\nx="#no"\n';
  assert.deepEqual(
    textsOfScript('x', source).map(({ line, text }) => `${line} ${text}`),
    ['2 Runs all tests, and reports.', '5 Another comment.'],
  );
});

test('lines of a document are found, code is not', () => {
  const source = '# Title\n\n```sh\ncode here\n```\n\n- one item\n';
  assert.deepEqual(
    textsOfDocument('x.md', source).map(({ line, text }) => `${line} ${text}`),
    ['1 # Title', '7 - one item'],
  );
});

test('texts of every kind are read, and only those of the named paths', () => {
  const all = textsBelow();
  for (const file of ['src/main.ts', 'script/test', 'README.md', 'docs/glossary.md'])
    assert.ok(
      all.some((text) => text.file === file),
      `${file} has no text`,
    );
  assert.ok(!all.some(({ file }) => file.startsWith('docs/decisions/')));
  const named = textsBelow(['src/platform/', 'README.md']);
  assert.ok(named.length > 20);
  assert.ok(named.every(({ file }) => file.startsWith('src/platform/') || file === 'README.md'));
});
