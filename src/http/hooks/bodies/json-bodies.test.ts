import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFlatList, nestsTooDeep, withoutLoneSurrogates } from './json-bodies.ts';

const long = 'x'.repeat(20_000);

test('deep nesting is found, in arrays, in objects, and in both', () => {
  assert.ok(nestsTooDeep('['.repeat(1_000_000)));
  assert.ok(nestsTooDeep('{"a":'.repeat(10_000)));
  assert.ok(nestsTooDeep(`["${long}"${',[{"a":'.repeat(20)}`));
});

test('brackets in strings do not count, nor do many at one level', () => {
  assert.equal(nestsTooDeep(JSON.stringify([{ a: '['.repeat(30_000), b: '\\"[[{{'.repeat(50) }])), false);
  assert.equal(nestsTooDeep(JSON.stringify(Array.from({ length: 10_000 }, () => ({ a: [1] })))), false);
});

test('a text that ends within a string is left to the parser', () => {
  for (const end of ['"', '"\\', '"\\"']) assert.equal(nestsTooDeep(`${long}${end}`), false);
});

test('a list of objects is flat, whatever its texts are, and nothing that can nest is', () => {
  const flat = ['[]', '[1,2]', '[{"a":1},{"b":2}]', '[ {"a":"]}"} ,\r\n\t{"b":",{,{"} ]', '[{"a":1}', '[x'];
  for (const json of flat) assert.equal(isFlatList(json), true, json);
  const others = [
    '',
    '{}',
    '[[]]',
    '[{"a":{}}]',
    '[{"a":[]}]',
    '[{"a": {}}]',
    '["a{"]',
    '["["]',
    ' []',
    '{"a":[]}',
  ];
  for (const json of others) assert.equal(isFlatList(json), false, json);
});

test('a flat text is refused by the parser before it nests, however often it opens objects', () => {
  for (const part of [',{', '{"a":1,{', '[{', '{,{']) {
    const json = `[${part.repeat(200_000)}`;
    if (!isFlatList(json)) continue;
    const startedAt = process.cpuUsage();
    assert.throws(() => JSON.parse(json), SyntaxError);
    assert.ok(process.cpuUsage(startedAt).user < 20_000, part);
  }
});

test('half of a surrogate pair becomes U+FFFD, and every other escape stays', () => {
  const cases: [json: string, value: string][] = [
    ['"clip \\ud83d"', 'clip \ufffd'],
    ['"\\uDE00 clip"', '\ufffd clip'],
    ['"\\ud83d\\ud83d\\ude00"', '\ufffd😀'],
    ['"\\ude00\\ud83d"', '\ufffd\ufffd'],
    ['"\\uD83D\\uDE00 😀 \\n\\"\\u00e9"', '😀 😀 \n"é'],
    ['"\\\\ud83d"', '\\ud83d'],
    ['"\\\\\\ud83d"', '\\\ufffd'],
  ];
  for (const [json, value] of cases) {
    assert.equal(JSON.parse(withoutLoneSurrogates(json)), value, json);
    assert.ok(value.isWellFormed());
  }
});

test('a text that is no JSON is left to the parser', () => {
  for (const json of ['"\\ud8', '\\ud83d', '"\\'])
    assert.throws(() => JSON.parse(withoutLoneSurrogates(json)), SyntaxError, json);
});
