import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CopyReader } from './joined-times.ts';

test('times are read in the time base of each stream, and named by its index in the file', () => {
  const reader = new CopyReader([3, 1]);
  for (const line of [
    '#software: Lavf59.27.100',
    '#tb 0: 1/90000',
    '#codec_id 0: h264',
    '#tb 1: 1/1000',
    '0,          0,       9000,     9000,     5000, 0x2b0d6c6f',
    '1,        -20,        -20,       20,      100, 0x1aae2ab2, S=1,       10, 0x00aa0055',
    '0,       9000,          0,     9000,     5000, 0x2b0d6c6f, F=0x0',
    '0,      18000,      18000,        0,     5000, 0x2b0d6c6f, F=0x0',
    '1,          0,      NOPTS,       20,      100, 0x1aae2ab2',
    'broken',
  ])
    reader.onLine(line);
  assert.deepEqual(Object.fromEntries(reader.times()), {
    1: { count: 2, start: -0.02, end: 0.02 },
    3: { count: 2, start: 0.1, end: 0.30000000000000004 },
  });
});
