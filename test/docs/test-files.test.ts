import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { COSTS } from '../support/runner/costs.ts';

const root = new URL('../../', import.meta.url).pathname;
const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts'], { cwd: root });

test('each file whose cost is known exists', () => {
  assert.deepEqual(
    Object.keys(COSTS).filter((file) => !files.includes(file)),
    [],
  );
});

/** Code that reads the memory of a process. */
const NEEDS_MACHINE = /\bmemoryMiB\(|\bmaxRSS\b|\btotal_physical_size\b/;

test('the name of a test file says how script/test runs it', () => {
  assert.ok(files.length > 150, `only ${files.length} test files are found`);
  const wrong = files.filter((file) => !/^[a-z0-9-]+(?:\.slow|\.timed)?\.test\.ts$/.test(basename(file)));
  assert.deepEqual(wrong, []);
});

test('tests that measure memory run beside other timed ones alone', () => {
  const measuring = files.filter((file) => NEEDS_MACHINE.test(readFileSync(join(root, file), 'utf8')));
  assert.ok(measuring.length >= 2, measuring.join(' '));
  const itself = 'test/docs/test-files.test.ts';
  assert.deepEqual(
    measuring.filter((file) => !file.endsWith('.timed.test.ts') && file !== itself),
    [],
  );
});
