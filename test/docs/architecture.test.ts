import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { cyclesOf, readImports, sourcesOf } from '../support/architecture/import-graph.ts';

const root = new URL('../../', import.meta.url).pathname;

const sources = sourcesOf('src/**/*.ts');
const imports = readImports(sources);

/** Maximum number of source files in one folder, tests left out. */
const MAX_SOURCES = 15;
/** Maximum number of our own files that the HTTP server imports: it assembles, and knows no route. */
const MAX_SERVER_IMPORTS = 15;

test('every file that is imported exists', () => {
  assert.ok(imports.length > 500, `only ${imports.length} imports are found`);
  const missing = imports.filter(({ to }) => !existsSync(join(root, to)));
  assert.deepEqual(missing, []);
});

test('no files import each other in a cycle, imports of types counted', () => {
  const cycles = cyclesOf(imports, (file) => file);
  assert.equal(cycles.join('\n'), '');
});

test('no folders import each other in a cycle, imports of types counted', () => {
  const cycles = cyclesOf(imports, dirname);
  assert.equal(cycles.join('\n'), '');
});

test(`a folder lists at most ${MAX_SOURCES} sources`, () => {
  const counts = Object.entries(Object.groupBy(sources, (file) => dirname(file)));
  const tooLarge = counts
    .filter(([, files = []]) => files.length > MAX_SOURCES)
    .map(([folder, files = []]) => `${folder}: ${files.length} sources`);
  assert.deepEqual(tooLarge, []);
});

test('src holds main.ts and folders only', () => {
  const entries = readdirSync(join(root, 'src'), { withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual(files, ['main.ts']);
});

test('no source imports tests or their support', () => {
  const isSource = (to: string) => to.startsWith('src/') || to === 'package.json';
  const wrong = imports.filter(({ to }) => !isSource(to) || /\/testing\/|\.test\.ts$/.test(to));
  assert.deepEqual(wrong, []);
});

/** Sources that start programs without the launcher: its own, the start of the service, and a program for developers. */
const START_DIRECTLY = [
  'src/media/encoding/ffmpeg/capabilities.ts',
  'src/media/encoding/ffmpeg/launcher-process.ts',
  'src/media/encoding/ffmpeg/launcher.ts',
  'src/media/report/measure-encoded.ts',
];

test('programs are started by the launcher, so that no request waits for a fork of the service', () => {
  const starting = sources.filter((file) =>
    /import \{[^}]*\brunChild\b/.test(readFileSync(join(root, file), 'utf8')),
  );
  assert.deepEqual(starting.toSorted(), START_DIRECTLY);
});

test('unit tests and their support import nothing of test/', () => {
  const unit = globSync(['src/**/*.test.ts', 'src/**/testing/*.ts'], { cwd: root });
  assert.ok(unit.length > 80, `only ${unit.length} files are found`);
  const wrong = readImports(unit).filter(({ to }) => !to.startsWith('src/'));
  assert.deepEqual(wrong, []);
});

test(`the HTTP server imports at most ${MAX_SERVER_IMPORTS} of our files`, () => {
  const files = imports.filter(({ from }) => from === 'src/http/server/server.ts').map(({ to }) => to);
  assert.ok(files.length > 0, 'src/http/server/server.ts imports nothing');
  assert.ok(files.length <= MAX_SERVER_IMPORTS, `${files.length} imports: ${files.join(' ')}`);
});
