import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../domain/errors.ts';
import { parseContentRange } from './content-range.ts';

test('a byte range includes both of its ends', () => {
  assert.deepEqual(parseContentRange('bytes 0-5242879/20971520'), {
    kind: 'range',
    start: 0,
    end: 5242879,
    total: 20971520,
  });
});

test('a byte range may leave the size of the file open', () => {
  assert.deepEqual(parseContentRange('bytes 0-9/*'), { kind: 'range', start: 0, end: 9, total: null });
});

test('the case of the unit does not matter, nor does white space', () => {
  const byte = { kind: 'range', start: 0, end: 0, total: 1 };
  for (const header of ['bytes 0-0/1', '  Bytes  0-0/1 ', 'BYTES 0 - 0 / 1', 'bytes\t0-0/1']) {
    assert.deepEqual(parseContentRange(header), byte, header);
  }
  assert.deepEqual(parseContentRange(' PART 2/* '), { kind: 'progressive', number: 2, count: null });
});

test('a numbered part tells the number of all parts, or does not know it', () => {
  assert.deepEqual(parseContentRange('part 1/*'), { kind: 'progressive', number: 1, count: null });
  assert.deepEqual(parseContentRange('part 1/2'), { kind: 'progressive', number: 1, count: 2 });
  assert.deepEqual(parseContentRange('part 12/12'), { kind: 'progressive', number: 12, count: 12 });
});

test('without a header the part is the whole file', () => {
  assert.deepEqual(parseContentRange(undefined), { kind: 'whole' });
});

test('any other value is refused with a sentence that names the header', () => {
  const malformed = [
    '',
    'bytes',
    'bytes 0-1',
    'bytes */10',
    'bytes 1-0/10',
    'bytes 0-10/10',
    'bytes -1-3/10',
    'bytes 0-1/0',
    'bytes 0x0-0x1/0x2',
    'bytes 0-1/1e3',
    'bytes 0-9007199254740992/9007199254740993',
    'items 0-1/2',
    'part 0/*',
    'part 0/0',
    'part 5/2',
    'bytes 1-0/*',
    'bytes 0-9007199254740992/*',
    'part */*',
    'part 9007199254740993/9007199254740993',
    `bytes ${'9'.repeat(5000)}-1/2`,
  ];
  for (const header of malformed) {
    assert.throws(
      () => parseContentRange(header),
      (error) => {
        assert.ok(error instanceof ServiceError, header);
        assert.equal(error.code, 'invalid_upload', header);
        assert.match(error.message, /^Content-Range: expected .+, not ".{0,80}"$/, header);
        return true;
      },
    );
  }
});
