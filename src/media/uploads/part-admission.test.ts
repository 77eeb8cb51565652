import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admitPart, MAX_PARTS } from './part-admission.ts';
import type { PartPlace, StoredPart } from './part-place.ts';

const range = (start: number, end: number, total: number | null) =>
  ({ kind: 'range', start, end, total }) as const;
const numbered = (number: number, count: number | null = null) =>
  ({ kind: 'progressive', number, count }) as const;
const kept = (place: StoredPart['place'], size: number): StoredPart => ({ place, size });

test('a byte range may have as many bytes as it announces', () => {
  assert.equal(admitPart(range(10, 19, 20), [kept(range(0, 9, 20), 10)], 20), 10);
});

test('a file that announces more than the maximum is too large before a byte is read', () => {
  assert.throws(() => admitPart(range(0, 9, 21), [], 20), { code: 'too_large' });
});

test('a whole file may have the maximum', () => {
  assert.equal(admitPart({ kind: 'whole' }, [], 20), 20);
  assert.equal(
    admitPart({ kind: 'whole' }, [kept(numbered(1), 8)], 20),
    20,
    'a whole file replaces the others',
  );
});

test('a numbered part may have as many bytes as the other parts leave', () => {
  const parts = [kept(numbered(1), 8), kept(numbered(2), 7)];
  assert.equal(admitPart(numbered(3), parts, 20), 5);
  assert.equal(admitPart(numbered(2, 2), parts, 20), 12);
  assert.throws(() => admitPart(numbered(3), parts, 15), { code: 'too_large' });
});

test('a part that contradicts an earlier one is refused, and the message names both', () => {
  const cases: [PartPlace, StoredPart, RegExp][] = [
    [range(0, 9, 30), kept(range(0, 9, 20), 10), /30 bytes, but an earlier part says 20/],
    [numbered(1), kept(range(0, 9, 20), 10), /byte ranges and numbered parts/],
    [range(0, 9, 20), kept(numbered(1), 10), /byte ranges and numbered parts/],
    [numbered(4), kept(numbered(3, 3), 10), /part 4 comes after part 3/],
    [numbered(3, 3), kept(numbered(4), 10), /part 3 is the last part, but part 4/],
    [numbered(1, 3), kept(numbered(4), 10), /part 3 is the last part, but part 4/],
    [numbered(1, 3), kept(numbered(2, 4), 10), /3 parts, but an earlier part says 4/],
    [range(10, 20, null), kept(range(0, 9, 20), 10), /ends with byte 20, but .* the file has 20 bytes/],
    [range(0, 9, 20), kept(range(15, 24, null), 10), /the file has 20 bytes, but .* ends with byte 24/],
  ];
  for (const [place, earlier, message] of cases) {
    assert.throws(() => admitPart(place, [earlier], 100), { code: 'invalid_upload', message });
  }
});

test('overlapping ranges are limited to a multiple of the file', () => {
  const copies = [range(0, 97, 100), range(1, 98, 100), range(2, 99, 100)].map((place) => kept(place, 98));
  assert.equal(admitPart(range(2, 3, 100), copies, 100), 2);
  assert.throws(() => admitPart(range(0, 90, 100), copies, 100), {
    code: 'invalid_upload',
    message: /overlap/,
  });
  assert.equal(admitPart(range(0, 97, 100), copies, 100), 98, 'a repeat replaces its copy');
});

test('the number of parts is limited, but not their repeats', () => {
  const total = MAX_PARTS + 1;
  const parts = Array.from({ length: MAX_PARTS }, (_, at) => kept(range(at, at, total), 1));
  assert.throws(() => admitPart(range(MAX_PARTS, MAX_PARTS, total), parts, total), {
    code: 'invalid_upload',
  });
  assert.equal(admitPart(range(5, 5, total), parts, total), 1);
});

test('a range without the size of its file counts for the bytes up to its end', () => {
  assert.equal(admitPart(range(0, 9, null), [], 20), 10);
  assert.equal(admitPart(range(10, 19, null), [kept(range(0, 9, null), 10)], 20), 10);
  assert.throws(() => admitPart(range(10, 20, null), [], 20), { code: 'too_large' });
  const parts = [range(0, 99, null), range(0, 98, null), range(1, 99, null)].map((place) => kept(place, 99));
  assert.throws(() => admitPart(range(0, 50, null), parts, 200), { message: /overlap/ });
  assert.equal(admitPart(range(100, 199, null), parts, 200), 100);
});
