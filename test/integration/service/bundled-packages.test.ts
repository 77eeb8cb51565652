import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../../..');

/** Packages that `script/bootstrap` bundles: their folders, extensions and entry points. */
const BUNDLED = Array.from(
  readFileSync(join(root, 'script/bootstrap'), 'utf8').matchAll(/^ {2}bundle (\S+) (\.m?js) (.+)$/gm),
  ([, folder = '', , entries = '']) => ({ folder, entries: entries.split(' ') }),
);

/** Entry points of packages of CommonJS modules that `script/bootstrap` bundles, below `node_modules`. */
const BUNDLED_COMMONJS = Array.from(
  readFileSync(join(root, 'script/bootstrap'), 'utf8').matchAll(/^ {2}bundle_commonjs (\S+) (\S+)$/gm),
  ([, folder = '', entry = '']) => join(folder, entry),
);

/** Returns what the modules of a folder import, apart from types. */
function importedIn(pattern: string): Set<string> {
  const imports = globSync(pattern, { cwd: root }).flatMap((file) =>
    Array.from(
      readFileSync(join(root, file), 'utf8').matchAll(
        /^(?:import|export) (?!type )[^;]*? from ["'](.+?)["'];$/gm,
      ),
      ([, from = '']) => from,
    ),
  );
  return new Set(imports);
}

test('each entry point that the source imports of a bundled package is bundled', () => {
  assert.ok(BUNDLED.length > 0);
  const imported = [...importedIn('src/**/*.ts')];
  for (const { folder, entries } of BUNDLED) {
    const name = folder.split('/')[0] as string;
    const used = imported.filter((from) => from === name || from.startsWith(`${name}/`));
    const files = used.map((from) => import.meta.resolve(from).split(`/node_modules/${folder}/`).at(-1));
    // Two entry points of which one is not bundled would each have their own copy of a class.
    assert.deepEqual(files.sort(), entries.toSorted(), name);
  }
});

test('a bundled entry point loads no other file than what it shares with another', () => {
  for (const { folder, entries } of BUNDLED) {
    for (const entry of entries) {
      const text = readFileSync(join(root, 'node_modules', folder, entry), 'utf8');
      const loaded = Array.from(
        text.matchAll(/^(?:import|export)\b[^;]*? from ["'](\..+?)["'];$/gm),
        ([, from]) => from,
      );
      const separate = loaded.filter((from) => !/\/chunk-[A-Z0-9]+\.m?js$/.test(from ?? ''));
      assert.deepEqual(
        separate,
        [],
        `${folder}/${entry} is not bundled: remove node_modules, and run script/bootstrap`,
      );
    }
  }
});

test('a bundle of CommonJS modules loads no other file of its package, and names what it exports', async () => {
  assert.ok(BUNDLED_COMMONJS.length > 0);
  for (const entry of BUNDLED_COMMONJS) {
    const text = readFileSync(join(root, 'node_modules', entry), 'utf8');
    const advice = `${entry} is not bundled: remove node_modules, and run script/bootstrap`;
    assert.match(text, /^0 && \(module\.exports = \{ .+ \}\);$/m, advice);
    assert.deepEqual(text.match(/\brequire\("\.[^"]*"\)/g) ?? [], [], advice);
    const { default: exported, ...named } = await import(join(root, 'node_modules', entry));
    for (const [name, value] of Object.entries(named)) {
      if (name !== 'module.exports') assert.equal(value, exported[name], `${entry}: ${name}`);
    }
  }
});
