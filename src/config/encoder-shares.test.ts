import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryPerEncoder, threadsPerEncoder } from './encoder-shares.ts';

const MIB = 1024 * 1024;

test('all encoders together use all cores and three quarters of the memory', () => {
  assert.deepEqual(
    [threadsPerEncoder(2, 1), threadsPerEncoder(8, 4), threadsPerEncoder(8, 3), threadsPerEncoder(2, 9)],
    [2, 2, 3, 1],
  );
  assert.equal(threadsPerEncoder(128, 1), 16);
  assert.equal(memoryPerEncoder(16_384 * MIB, 2), 6_144 * MIB);
  assert.equal(memoryPerEncoder(1_024 * MIB, 2), 2_048 * MIB);
  assert.equal(memoryPerEncoder(1_048_576 * MIB, 2), 32_768 * MIB);
});
