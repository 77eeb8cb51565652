/**
 * Writes test entries in which many test files share a process: `node group-tests.ts FOLDER COUNT PATTERN…`
 * writes FOLDER/group-001.mjs and so on. A process that runs one file spends most of its time on loading the service
 * and on code that V8 has not optimized yet. With 170 files in 12 processes, the same tests need half of the CPU time.
 * With as many groups as files, each file has a process of its own.
 *
 * Within an entry, files run one after the other, each in a suite of its own: a hook such as `before` or
 * `afterEach` belongs to the suite whose file registers it.
 */
import { globSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { costOf } from './costs.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/**
 * Distributes files over groups that cost about the same: each file, the most expensive first, goes to the group that
 * costs least so far. Returns the groups in the order in which they should begin: a group with an expensive file comes early,
 * because its end is the least certain.
 */
export function distribute(
  files: readonly string[],
  count: number,
  cost: (file: string) => number = costOf,
): string[][] {
  const groups = Array.from({ length: Math.min(count, files.length) }, () => ({
    files: [] as string[],
    cost: 0,
    largest: 0,
  }));
  const byCost = (one: { cost: number }, other: { cost: number }) => other.cost - one.cost;
  for (const file of files.map((name) => ({ name, cost: cost(name) })).toSorted(byCost)) {
    const cheapest = groups.reduce((least, group) => (group.cost < least.cost ? group : least));
    cheapest.files.push(file.name);
    cheapest.cost += file.cost;
    cheapest.largest = Math.max(cheapest.largest, file.cost);
  }
  const byLargest = (one: { largest: number }, other: { largest: number }) => other.largest - one.largest;
  return groups
    .toSorted((one, other) => byLargest(one, other) || byCost(one, other))
    .map((group) => group.files);
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
  // Node runs files in the order of their names.
  distribute(files, Number(count)).forEach((group, index) => {
    writeFileSync(join(folder, `group-${String(index + 1).padStart(3, '0')}.mjs`), entryOf(group));
  });
}
