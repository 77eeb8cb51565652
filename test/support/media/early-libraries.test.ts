import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { earlyLibraries } from './early-libraries.ts';
import { LISTED_PROGRAMS } from './listed-programs.ts';

test('early libraries are libraries, and never the program itself', () => {
  const libraries = earlyLibraries(process.execPath);
  for (const library of libraries) assert.match(library, /^\/.+\.so/);
});

for (const [name, program] of Object.entries(LISTED_PROGRAMS)) {
  test(`${name} in tests writes the same messages as the real one, and none of the linker`, () => {
    const real = /exec '(.+)' "\$@"/.exec(readFileSync(program, 'utf8'))?.[1] ?? assert.fail(program);
    const args = ['-hide_banner', '-i', '/nonexistent'];
    const env = { ...process.env, LC_ALL: 'C' };
    const [theirs, ours] = [real, program].map((one) => spawnSync(one, args, { env, encoding: 'utf8' }));
    assert.deepEqual(
      [ours?.status, ours?.stdout, ours?.stderr],
      [theirs?.status, theirs?.stdout, theirs?.stderr],
    );
    assert.match(ours?.stderr ?? '', /No such file/);
  });
}
