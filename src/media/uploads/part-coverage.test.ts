import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { coverageOf } from './part-coverage.ts';
import type { StoredPart } from './part-place.ts';

function range(start: number, end: number, total: number): StoredPart {
  return { place: { kind: 'range', start, end, total }, size: end - start + 1 };
}

function numbered(number: number, size: number, isLast = false): StoredPart {
  return { place: { kind: 'progressive', number, isLast }, size };
}

function reasonOf(parts: StoredPart[]): string {
  const cover = coverageOf(parts);
  assert.equal(cover.kind, 'incomplete');
  return cover.kind === 'incomplete' ? cover.reason : '';
}

function stepsOf(parts: StoredPart[]): [file: string, skipBytes: number, takeBytes: number][] {
  const cover = coverageOf(parts);
  assert.equal(cover.kind, 'complete', JSON.stringify(cover));
  if (cover.kind !== 'complete') return [];
  assert.equal(
    cover.steps.reduce((sum, step) => sum + step.takeBytes, 0),
    cover.totalBytes,
  );
  return cover.steps.map((step) => [step.file, step.skipBytes, step.takeBytes]);
}

test('without parts nothing is covered', () => {
  assert.match(reasonOf([]), /no part/);
});

test('ranges and numbered parts do not mix', () => {
  assert.match(reasonOf([range(0, 9, 10), numbered(1, 10, true)]), /both/);
});

describe('byte ranges', () => {
  test('one part covers the file', () => {
    assert.deepEqual(stepsOf([range(0, 9, 10)]), [['bytes-0-9-of-10', 0, 10]]);
  });

  test('parts in any order are sorted', () => {
    assert.deepEqual(stepsOf([range(8, 9, 10), range(0, 3, 10), range(4, 7, 10)]), [
      ['bytes-0-3-of-10', 0, 4],
      ['bytes-4-7-of-10', 0, 4],
      ['bytes-8-9-of-10', 0, 2],
    ]);
  });

  test('the first gap is named, at the start, in the middle and at the end', () => {
    const mebibyte = 1024 * 1024;
    const parts = [
      range(0, 5 * mebibyte - 1, 20 * mebibyte),
      range(10 * mebibyte, 20 * mebibyte - 1, 20 * mebibyte),
    ];
    assert.equal(reasonOf(parts), 'bytes 5242880–10485759 of 20971520 are missing');
    assert.equal(reasonOf([range(3, 9, 10)]), 'bytes 0–2 of 10 are missing');
    assert.equal(reasonOf([range(0, 8, 10)]), 'bytes 9–9 of 10 are missing');
  });

  test('overlaps are skipped', () => {
    assert.deepEqual(stepsOf([range(0, 5, 10), range(4, 9, 10), range(2, 3, 10), range(5, 6, 10)]), [
      ['bytes-0-5-of-10', 0, 6],
      ['bytes-4-9-of-10', 2, 4],
    ]);
  });

  test('a part that holds the whole file is used alone', () => {
    assert.deepEqual(stepsOf([range(0, 3, 10), range(4, 9, 10), range(0, 9, 10)]), [
      ['bytes-0-9-of-10', 0, 10],
    ]);
  });

  test('a gap that an overlap nearly closes is found', () => {
    assert.equal(
      reasonOf([range(0, 5, 10), range(1, 4, 10), range(7, 9, 10)]),
      'bytes 6–6 of 10 are missing',
    );
  });

  test('parts of two sizes disagree', () => {
    assert.match(reasonOf([range(0, 9, 20), range(10, 19, 30)]), /20 bytes and 30 bytes/);
  });

  test('twenty thousand shuffled, overlapping parts are each used once', () => {
    const count = 20_000;
    const total = count * 10;
    const parts = Array.from({ length: count }, (_, at) => {
      const scattered = (at * 7919) % count;
      return range(scattered * 10, Math.min(scattered * 10 + 12, total - 1), total);
    });
    assert.equal(stepsOf(parts).length, count);
  });
});

describe('numbered parts', () => {
  test('are sorted by number', () => {
    assert.deepEqual(stepsOf([numbered(3, 2, true), numbered(1, 5), numbered(2, 4)]), [
      ['part-1', 0, 5],
      ['part-2', 0, 4],
      ['part-3-of-3', 0, 2],
    ]);
    assert.deepEqual(stepsOf([numbered(1, 5, true)]), [['part-1-of-1', 0, 5]]);
  });

  test('ten comes after nine', () => {
    const parts = Array.from({ length: 11 }, (_, at) => numbered(at + 1, 1, at === 10));
    assert.equal(stepsOf(parts.toReversed()).at(-2)?.[0], 'part-10');
  });

  test('the first missing part is named', () => {
    assert.equal(reasonOf([numbered(1, 5), numbered(4, 5, true)]), 'part 2 is missing');
    assert.equal(reasonOf([numbered(2, 5, true)]), 'part 1 is missing');
  });

  test('without a last part the end is not known', () => {
    assert.match(reasonOf([numbered(1, 5), numbered(2, 5)]), /the last part is missing.+after part 2/);
  });

  test('no part may follow the last part', () => {
    assert.match(
      reasonOf([numbered(1, 5, true), numbered(2, 5)]),
      /part 1 was sent as the last part, but part 2/,
    );
  });

  test('a part that was sent again as the last part is the last', () => {
    assert.deepEqual(stepsOf([numbered(1, 5), numbered(2, 4, true), numbered(2, 3)]), [
      ['part-1', 0, 5],
      ['part-2-of-2', 0, 4],
    ]);
  });
});
