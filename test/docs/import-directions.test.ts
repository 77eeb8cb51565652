import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { sourcesOf } from '../support/architecture/import-graph.ts';

const root = new URL('../../', import.meta.url).pathname;

/** Folders that no layer but the composition root, `service` and `storage` may import. */
const BACKENDS = ['storage/sqlite', 'storage/kysely', 'storage/migrations'];

/** Folders below src/ that a file in the first column may import and may not import, files by their names. */
const DIRECTIONS: readonly [from: string, may: readonly string[], mayNot: readonly string[]][] = [
  [
    'main.ts',
    ['commands', 'config', 'data-folder', 'domain'],
    [
      'accounts',
      'delivery',
      'events',
      'http',
      'media',
      'observability',
      'service',
      'storage/contracts',
      'webhooks',
    ],
  ],
  [
    'commands',
    ['service', 'accounts', 'media', 'config', 'data-folder', 'domain', 'storage/contracts'],
    ['http', 'http/routes', 'delivery', 'observability', 'webhooks', 'storage/encryption', ...BACKENDS],
  ],
  [
    'service',
    [
      'http',
      'accounts',
      'webhooks',
      'media',
      'events',
      'delivery',
      'observability',
      'storage/contracts',
      'config',
    ],
    ['commands', 'storage/encryption', ...BACKENDS],
  ],
  [
    'http/server',
    ['http/routes', 'accounts', 'webhooks', 'media', 'events', 'delivery/attempt', 'observability', 'config'],
    ['commands', 'service', 'storage/encryption', ...BACKENDS],
  ],
  [
    'http/routes/media',
    ['http/wire', 'accounts', 'webhooks', 'media', 'media/uploads', 'storage/contracts', 'data-folder'],
    [
      'commands',
      'service',
      'delivery',
      'delivery/scheduling',
      'media/encoding',
      'storage/encryption',
      ...BACKENDS,
    ],
  ],
  [
    'accounts',
    ['storage/contracts', 'data-folder', 'domain', 'platform', 'logging'],
    [
      'commands',
      'service',
      'http',
      'webhooks',
      'media',
      'events',
      'delivery',
      'config',
      'observability',
      ...BACKENDS,
    ],
  ],
  [
    'backup',
    ['media/files', 'media/uploads', 'storage/contracts', 'data-folder', 'domain', 'platform', 'logging'],
    [
      'commands',
      'service',
      'http',
      'accounts',
      'webhooks',
      'events',
      'delivery',
      'media/encoding',
      'config',
      'observability',
      'storage/encryption',
      ...BACKENDS,
    ],
  ],
  [
    'webhooks',
    ['events', 'delivery', 'delivery/attempt', 'storage/contracts', 'domain', 'platform', 'logging'],
    [
      'commands',
      'service',
      'http',
      'accounts',
      'media',
      'config',
      'data-folder',
      'observability',
      ...BACKENDS,
    ],
  ],
  [
    'media/encoding',
    ['events', 'data-folder', 'storage/contracts', 'domain', 'platform', 'logging'],
    [
      'commands',
      'service',
      'http',
      'accounts',
      'webhooks',
      'delivery',
      'config',
      'observability',
      ...BACKENDS,
    ],
  ],
  [
    'events',
    ['delivery', 'storage/contracts', 'domain', 'platform', 'logging'],
    ['commands', 'service', 'http', 'accounts', 'webhooks', 'media', 'config', 'data-folder', ...BACKENDS],
  ],
  [
    'delivery/scheduling',
    ['storage/contracts', 'domain', 'platform', 'logging'],
    [
      'commands',
      'service',
      'http',
      'accounts',
      'webhooks',
      'media',
      'events',
      'config',
      'data-folder',
      ...BACKENDS,
    ],
  ],
  [
    'observability',
    ['events', 'delivery', 'media/encoding', 'storage/contracts', 'domain', 'platform'],
    ['commands', 'service', 'http', 'accounts', 'webhooks', 'config', 'data-folder', ...BACKENDS],
  ],
  [
    'data-folder',
    ['config', 'storage/encryption', 'domain', 'platform', 'logging'],
    [
      'commands',
      'service',
      'http',
      'accounts',
      'media',
      'events',
      'delivery',
      'storage/contracts',
      ...BACKENDS,
    ],
  ],
  [
    'config/settings',
    ['delivery/egress', 'domain', 'platform', 'logging'],
    [
      'commands',
      'service',
      'http',
      'accounts',
      'media',
      'events',
      'data-folder',
      'storage/contracts',
      ...BACKENDS,
    ],
  ],
  [
    'storage/contracts',
    ['domain'],
    ['platform', 'logging', 'delivery', 'events', 'http', 'config', 'storage/encryption', ...BACKENDS],
  ],
  [
    'storage/encryption',
    ['domain'],
    ['platform', 'logging', 'delivery', 'events', 'http', 'config', 'storage/contracts', ...BACKENDS],
  ],
  [
    'storage/sqlite/thread',
    ['domain', 'platform', 'storage/contracts', 'storage/encryption', 'storage/kysely', 'storage/migrations'],
    ['commands', 'service', 'http', 'accounts', 'media', 'events', 'delivery', 'config', 'logging'],
  ],
  ['domain', [], ['platform', 'logging', 'delivery', 'storage/contracts', 'config']],
  ['platform', ['platform/testing'], ['domain', 'logging', 'delivery', 'storage/contracts', 'config']],
  ['logging', [], ['domain', 'platform', 'delivery', 'storage/contracts', 'config', 'data-folder']],
];

/** Files outside of folders that have a direction of their own. */
const SPECIAL: readonly [from: string, to: string, isAllowed: boolean][] = [
  ['domain/special.ts', 'node:fs', false],
  ['service/special.ts', 'storage/open-storage.ts', true],
  ['http/special.ts', 'storage/open-storage.ts', false],
  ['accounts/special.ts', 'storage/open-storage.ts', false],
  ['delivery/special.ts', 'storage/open-storage.ts', false],
  ['http/wire/special.ts', 'delivery/attempt/signature.ts', true],
];

interface Sample {
  readonly file: string;
  readonly imported: string;
  readonly isAllowed: boolean;
}

/** Returns one file for each direction, each with one import. */
function samples(): Sample[] {
  const one = (from: string, to: string, name: string, isAllowed: boolean): Sample => {
    const file = from.endsWith('.ts') ? `src/${from}` : `src/${from}/${name}.ts`;
    const up = '../'.repeat(file.split('/').length - 2) || './';
    return { file, imported: to.startsWith('node:') ? to : `${up}${to}`, isAllowed };
  };
  return [
    ...DIRECTIONS.flatMap(([from, may, mayNot]) => [
      ...may.map((to) => one(from, `${to}/x.ts`, `may-${to.replaceAll('/', '-')}`, true)),
      ...mayNot.map((to) => one(from, `${to}/x.ts`, `may-not-${to.replaceAll('/', '-')}`, false)),
    ]),
    ...SPECIAL.map(([from, to, isAllowed]) => one(from, to, '', isAllowed)),
  ];
}

test('the linter refuses imports against the directions of the architecture, and only those', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-imports-'));
  try {
    await copyFile(join(root, 'biome.json'), join(dir, 'biome.json'));
    const lines = Map.groupBy(samples(), ({ file }) => file);
    for (const [file, imports] of lines) {
      await mkdir(dirname(join(dir, file)), { recursive: true });
      const text = imports.map(
        ({ imported }, n) => `import * as x${n} from '${imported}';\nexport { x${n} };\n`,
      );
      await writeFile(join(dir, file), text.join(''));
    }
    const biome = join(root, 'node_modules/.bin/biome');
    const args = ['lint', '--only=style/noRestrictedImports', '--max-diagnostics=none', '.'];
    const { stderr } = spawnSync(biome, args, { cwd: dir, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    const found = stderr.matchAll(/(src\/\S+\.ts):(\d+):\d+ lint\/style\/noRestrictedImports/g);
    const refused = Array.from(found, ([, file = '', line]) => {
      const { imported } = lines.get(file)?.[(Number(line) - 1) / 2] ?? assert.fail(file);
      return `${file} imports ${imported}`;
    });
    const forbidden = samples().filter(({ isAllowed }) => !isAllowed);
    assert.deepEqual(
      refused.toSorted(),
      forbidden.map(({ file, imported }) => `${file} imports ${imported}`).toSorted(),
    );
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('every folder below src/ has its directions', () => {
  const folders = new Set(sourcesOf('src/*/**/*.ts').map((file) => file.split('/')[1]));
  const known = new Set(DIRECTIONS.map(([from]) => from.split('/')[0]));
  assert.deepEqual(
    [...folders].filter((folder) => !known.has(folder)),
    [],
  );
});
