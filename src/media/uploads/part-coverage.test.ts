import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { coverageOf } from './part-coverage.ts';
import type { StoredPart } from './part-place.ts';

function range(start: number, end: number, total: number | null): StoredPart {
  return { place: { kind: 'range', start, end, total }, size: end - start + 1 };
}

function numbered(number: number, size: number, count: number | null = null): StoredPart {
  return { place: { kind: 'progressive', number, count }, size };
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
  assert.match(reasonOf([range(0, 9, 10), numbered(1, 10, 1)]), /both/);
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

  test('all gaps are listed as a client would send them', () => {
    assert.deepEqual(coverageOf([range(3, 5, 20), range(8, 9, 20)]), {
      kind: 'incomplete',
      reason: 'bytes 0–2 of 20 are missing, and 2 more ranges',
      missing: ['bytes 0-2/20', 'bytes 6-7/20', 'bytes 10-19/20'],
    });
  });

  test('a file whose size no part tells ends with its last range', () => {
    assert.deepEqual(stepsOf([range(4, 9, null), range(0, 3, null)]), [
      ['bytes-0-3', 0, 4],
      ['bytes-4-9', 0, 6],
    ]);
    assert.deepEqual(coverageOf([range(4, 9, null)]), {
      kind: 'incomplete',
      reason: 'bytes 0–3 of 10 are missing',
      missing: ['bytes 0-3/*'],
    });
    assert.match(reasonOf([range(0, 3, null), range(4, 9, 20)]), /bytes 10–19 of 20/);
    assert.match(reasonOf([range(0, 9, null), range(0, 4, 8)]), /disagree about the size/);
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
    assert.deepEqual(stepsOf([numbered(3, 2, 3), numbered(1, 5), numbered(2, 4)]), [
      ['part-1', 0, 5],
      ['part-2', 0, 4],
      ['part-3-of-3', 0, 2],
    ]);
    assert.deepEqual(stepsOf([numbered(1, 5, 1)]), [['part-1-of-1', 0, 5]]);
  });

  test('ten comes after nine', () => {
    const parts = Array.from({ length: 11 }, (_, at) => numbered(at + 1, 1, at === 10 ? 11 : null));
    assert.equal(stepsOf(parts.toReversed()).at(-2)?.[0], 'part-10');
  });

  test('the first missing part is named, and all are listed', () => {
    const missing = (parts: StoredPart[], reason: string, ...listed: string[]) =>
      assert.deepEqual(coverageOf(parts), { kind: 'incomplete', reason, missing: listed });
    missing([numbered(2, 5, 2)], 'part 1 is missing', 'part 1/2');
    missing(
      [numbered(1, 5), numbered(4, 5, 4)],
      'part 2 is missing, and one more part',
      'part 2/4',
      'part 3/4',
    );
    missing([numbered(2, 5, 3)], 'part 1 is missing, and one more part', 'part 1/3', 'part 3/3');
    missing([numbered(2, 5)], 'part 1 is missing', 'part 1/*');
  });

  test('a number of parts that no client sends costs no time and no memory', () => {
    const coverage = coverageOf([numbered(1, 5, Number.MAX_SAFE_INTEGER)]);
    assert.ok(coverage.kind === 'incomplete' && coverage.missing.length <= 10_000);
  });

  test('without a last part the end is not known', () => {
    assert.match(reasonOf([numbered(1, 5), numbered(2, 5)]), /the last part is missing.+after part 2/);
  });

  test('no part may follow the last part', () => {
    assert.match(reasonOf([numbered(1, 5, 1), numbered(2, 5)]), /1 parts were announced, but part 2/);
  });

  test('a part that was sent again as the last part is the last', () => {
    assert.deepEqual(stepsOf([numbered(1, 5), numbered(2, 4, 2), numbered(2, 3)]), [
      ['part-1', 0, 5],
      ['part-2-of-2', 0, 4],
    ]);
  });
});
