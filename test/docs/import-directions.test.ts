import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url).pathname;

const forbidden = [
  ['src/domain/a.ts', '../storage/contracts/storage.ts'],
  ['src/domain/b.ts', 'node:fs'],
  ['src/storage/a.ts', '../delivery/dispatcher.ts'],
  ['src/storage/sqlite/a.ts', '../../http/server.ts'],
  ['src/events/a.ts', '../http/server.ts'],
  ['src/delivery/a.ts', '../storage/sqlite/sqlite-storage.ts'],
  ['src/media/a.ts', '../commands/serve.ts'],
  ['src/media/encoding/a.ts', '../../storage/kysely/media.ts'],
  ['src/accounts/a.ts', '../http/server.ts'],
  ['src/config/a.ts', '../accounts/tokens.ts'],
  ['src/config/settings/a.ts', '../../media/encoding/pipeline.ts'],
  ['src/data-folder/a.ts', '../media/files/media-files.ts'],
  ['src/platform/a.ts', '../logging/logger.ts'],
  ['src/http/routes/a.ts', '../../commands/serve.ts'],
  ['src/http/a.ts', '../storage/sqlite/sqlite-storage.ts'],
] as const;

const allowed = [
  ['src/domain/c.ts', './event.ts'],
  ['src/storage/b.ts', '../domain/event.ts'],
  ['src/events/b.ts', '../storage/contracts/storage.ts'],
  ['src/config/settings/b.ts', '../../delivery/egress/ports.ts'],
  ['src/data-folder/b.ts', '../config/config.ts'],
  ['src/media/b.ts', '../events/publisher.ts'],
  ['src/http/routes/b.ts', '../../delivery/egress/policy.ts'],
] as const;

test('the linter refuses imports against the directions of the architecture, and only those', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-imports-'));
  try {
    await copyFile(join(root, 'biome.json'), join(dir, 'biome.json'));
    for (const [file, imported] of [...forbidden, ...allowed]) {
      await mkdir(dirname(join(dir, file)), { recursive: true });
      await writeFile(join(dir, file), `import * as it from '${imported}';\nexport { it };\n`);
    }
    const biome = join(root, 'node_modules/.bin/biome');
    const args = ['lint', '--only=style/noRestrictedImports', '--max-diagnostics=none', '.'];
    const { stderr } = spawnSync(biome, args, { cwd: dir, encoding: 'utf8' });
    const refused = Array.from(
      stderr.matchAll(/(src\/\S+\.ts):\d+:\d+ lint\/style\/noRestrictedImports/g),
      (m) => m[1],
    );
    assert.deepEqual(refused.toSorted(), forbidden.map(([file]) => file).toSorted());
  } finally {
    await rm(dir, { recursive: true });
  }
});
