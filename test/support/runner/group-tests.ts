/**
 * Writes test entries in which many test files share a process: `node group-tests.ts FOLDER COUNT PATTERN…`
 * writes FOLDER/group-1.mjs to FOLDER/group-COUNT.mjs. A process that runs one file spends most of its time on loading the service and on code that V8 has
 * not optimized yet. With 170 files in 12 processes, the same tests need half of the CPU time.
 *
 * Within an entry, files run one after the other, each in a suite of its own: a hook such as `before` or
 * `afterEach` belongs to the suite whose file registers it.
 */
import { globSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = resolve(import.meta.dirname, '../../..');

/**
 * Distributes files over groups. Neighbours go to different groups, because files of one folder often take
 * similar time.
 */
export function distribute(files: readonly string[], count: number): string[][] {
  const groups: string[][] = Array.from({ length: Math.min(count, files.length) }, () => []);
  for (const [index, file] of files.entries()) groups[index % groups.length]?.push(file);
  return groups;
}

/** Returns the source of an entry that runs `files` one after the other. Relative paths start at the root. */
export function entryOf(files: readonly string[]): string {
  const suites = files.map((file) => {
    const url = pathToFileURL(resolve(ROOT, file)).href;
    return `describe(${JSON.stringify(file)}, async () => { await import(${JSON.stringify(url)}); });\n`;
  });
  return `import { describe } from 'node:test';\n${suites.join('')}`;
}

if (import.meta.main) {
  const [folder = '', count, ...patterns] = process.argv.slice(2);
  const files = globSync(patterns, { cwd: ROOT }).sort();
  distribute(files, Number(count)).forEach((group, index) => {
    writeFileSync(join(folder, `group-${index + 1}.mjs`), entryOf(group));
  });
}
