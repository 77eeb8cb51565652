import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/**
 * Bundles the program into a folder of its own below `node_modules/.cache/program/`, and prints the name of the folder.
 * The name is a hash of the content, so that a service that runs from an earlier bundle finds its files still there.
 */

const root = join(import.meta.dirname, '..');
const bundles = join(root, 'node_modules/.cache/program');
/** Number of bundles that are kept, so that a service that runs can load more of its code. */
const KEPT = 5;

/** A file that the program finds beside one of its modules: a program of a thread or a process, or a style. */
const FILE_BESIDE = /new URL\('(?:\.\/)?([\w-]+)\.(ts|css)', import\.meta\.url\)/g;

const sources = (await readdir(join(root, 'src'), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
  .map((entry) => join(entry.parentPath, entry.name));

const entryPoints = [join(root, 'src/main.ts')];
const assets: string[] = [];
for (const source of sources) {
  for (const [, name, extension] of (await readFile(source, 'utf8')).matchAll(FILE_BESIDE)) {
    (extension === 'ts' ? entryPoints : assets).push(join(dirname(source), `${name}.${extension}`));
  }
}

/** All files of a bundle are in one folder, so that a module finds the files beside it there. */
const filesBeside: Plugin = {
  name: 'files beside',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => ({
      loader: 'ts',
      contents: (await readFile(path, 'utf8')).replaceAll(FILE_BESIDE, (_text, name, extension) => {
        return `new URL('./${name}.${extension === 'ts' ? 'js' : extension}', import.meta.url)`;
      }),
    })),
};

/**
 * Modules that packages load at each start and the program does not need, with the text that replaces them in the bundle.
 * Each of them takes 5 to 15 ms to load.
 */
const REPLACED: Readonly<Record<string, string>> = {
  'node:http2': neverCalled('node:http2'),
  glob: neverCalled('glob'),
  // Fastify compares its version with those that its plugins ask for. A start from the sources does so, too.
  semver: 'exports.satisfies = () => true;',
};

function neverCalled(name: string): string {
  return `module.exports = new Proxy({}, { get: (_, called) => () => {
    throw new Error('script/bundle.ts leaves ${name} out, and ' + String(called) + ' of it was called');
  } });`;
}

const replaceModules: Plugin = {
  name: 'replace modules',
  setup: ({ onResolve, onLoad }) => {
    const filter = new RegExp(`^(?:${Object.keys(REPLACED).join('|')})$`);
    onResolve({ filter }, ({ path }) => ({ path, namespace: 'replaced' }));
    onLoad({ filter: /.*/, namespace: 'replaced' }, ({ path }) => ({ contents: REPLACED[path] ?? '' }));
  },
};

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints,
  bundle: true,
  splitting: true,
  write: false,
  format: 'esm',
  platform: 'node',
  // The first request that needs a compiler of schemas loads it.
  external: ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler'],
  target: 'node26',
  outdir: bundles,
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  legalComments: 'none',
  logLevel: 'error',
  // Packages of CommonJS modules call `require` for modules of Node.
  banner: {
    js: "import { createRequire as requireFor } from 'node:module';\nconst require = requireFor(import.meta.url);",
  },
  plugins: [filesBeside, replaceModules],
});

const hash = createHash('sha256');
for (const { path, contents } of outputFiles) hash.update(basename(path)).update(contents);
for (const asset of assets) hash.update(await readFile(asset));
const name = hash.digest('hex').slice(0, 16);
const folder = join(bundles, name);
if (!(await stat(folder).catch(() => null))) await writeBundle();
await removeOld();
process.stdout.write(`${name}\n`);

async function writeBundle(): Promise<void> {
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  for (const { path, contents } of outputFiles) await writeFile(join(unfinished, basename(path)), contents);
  // Without it, Node finds out for each file what kind of module it is.
  await writeFile(join(unfinished, 'package.json'), '{"type": "module"}\n');
  for (const asset of assets) await copyFile(asset, join(unfinished, basename(asset)));
  // Another process may have written the same bundle meanwhile.
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true }));
}

async function removeOld(): Promise<void> {
  const folders = (await readdir(bundles, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const found = await Promise.all(
    folders.map(async (entry) => ({
      path: join(bundles, entry.name),
      time: (await stat(join(bundles, entry.name))).mtimeMs,
    })),
  );
  const others = found.filter(({ path }) => path !== folder).toSorted((a, b) => b.time - a.time);
  for (const { path } of others.slice(KEPT - 1)) await rm(path, { recursive: true, force: true });
}
