import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePartName, partName, type StoredPlace } from './part-place.ts';

test('a name records the place of its part', () => {
  const places: Record<string, StoredPlace> = {
    'bytes-0-9-of-20': { kind: 'range', start: 0, end: 9, total: 20 },
    'bytes-0-9': { kind: 'range', start: 0, end: 9, total: null },
    'part-2': { kind: 'progressive', number: 2, count: null },
    'part-2-of-3': { kind: 'progressive', number: 2, count: 3 },
    'part-3-of-3': { kind: 'progressive', number: 3, count: 3 },
  };
  for (const [name, place] of Object.entries(places)) {
    assert.equal(partName(place), name);
    assert.deepEqual(parsePartName(name), place);
  }
});

test('a name that partName would not return is not a part', () => {
  const names = [
    '5e0f.tmp',
    '.',
    '../bytes-0-9-of-20',
    'bytes-0-9-of-20.tmp',
    'bytes-00-9-of-20',
    'bytes-9-0-of-20',
    'bytes-0-20-of-20',
    'bytes-0-9007199254740992-of-9007199254740993',
    'part-0',
    'part-02',
    'part-3-of-2',
    'part-3-of-03',
    'bytes-9-0',
    'PART-2',
  ];
  for (const name of names) assert.equal(parsePartName(name), null, name);
});
