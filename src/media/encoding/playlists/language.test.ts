import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languageTag } from './language.ts';

test('languages of files become tags of BCP 47, the shortest there are', () => {
  const stated = ['ger', 'deu', 'eng', 'chi', 'yue', 'pt-BR', 'en_us', 'DEU'];
  assert.deepEqual(stated.map(languageTag), ['de', 'de', 'en', 'zh', 'yue', 'pt-BR', 'en-US', 'de']);
});

test('nothing is said where a file says nothing, or nonsense', () => {
  const nothing = [undefined, '', 'und', 'UND', 'mis', 'x', '"><a', 'toolonglanguage', 'e'.repeat(100)];
  assert.deepEqual(
    nothing.map(languageTag),
    nothing.map(() => null),
  );
});
