import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { cyclesOf, importsOf } from './import-graph.ts';

const itself = (file: string) => file;

/** Returns imports from a list of pairs. */
function imports(...pairs: [from: string, to: string][]) {
  return pairs.map(([from, to]) => ({ from, to }));
}

test('imports of values and types, re-exports, bare and dynamic imports are found; packages and texts are not', () => {
  const source = `import { readFile } from 'node:fs/promises';
import fastify from 'fastify';
import { a } from './a.ts';
import type {
  B,
} from '../b.ts';
export * from './c.ts';
export type { D } from './d/d.ts';
import './e.ts';
type F = import('../../f.ts').F;
const g = await import('./g.ts');
const text = "from './none.ts'";
export const list = ['./none.ts'];
`;
  assert.deepEqual(
    importsOf('src/x/y.ts', source).map(({ to }) => to),
    ['src/x/a.ts', 'src/b.ts', 'src/x/c.ts', 'src/x/d/d.ts', 'src/x/e.ts', 'f.ts', 'src/x/g.ts'],
  );
});

test('no cycle is reported where nothing leads back', () => {
  assert.deepEqual(cyclesOf(imports(['a', 'b'], ['b', 'c'], ['a', 'c'], ['d', 'c']), itself), []);
});

test('a cycle names its files and the imports that make it, and no file that only leads to it', () => {
  const found = cyclesOf(imports(['main', 'a'], ['a', 'b'], ['b', 'c'], ['c', 'a'], ['c', 'leaf']), itself);
  assert.deepEqual(found, ['a → b → c → a\n  a imports b\n  b imports c\n  c imports a']);
});

test('every file that is in a cycle is in one that is reported, the shortest', () => {
  const long = imports(['a', 'b'], ['b', 'c'], ['c', 'a'], ['b', 'a']);
  const other = imports(['x', 'y'], ['y', 'x'], ['a', 'x']);
  assert.deepEqual(
    cyclesOf([...long, ...other], itself).map((text) => text.split('\n')[0]),
    ['a → b → a', 'c → a → b → c', 'x → y → x'],
  );
});

test('among folders, imports within one are left out, and every import between two is named', () => {
  const found = cyclesOf(
    imports(
      ['m/a.ts', 'm/b.ts'],
      ['m/b.ts', 'm/a.ts'],
      ['m/a.ts', 'n/c.ts'],
      ['n/d.ts', 'm/b.ts'],
      ['m/b.ts', 'n/d.ts'],
    ),
    dirname,
  );
  assert.deepEqual(found, [
    'm → n → m\n  m/a.ts imports n/c.ts\n  m/b.ts imports n/d.ts\n  n/d.ts imports m/b.ts',
  ]);
});
