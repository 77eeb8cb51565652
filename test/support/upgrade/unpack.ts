import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Facts } from './facts.ts';

const FOLDER = new URL('../../fixtures/data-folders/', import.meta.url).pathname;

/** Archives of data folders of released versions, by version. */
export const RELEASED: ReadonlyMap<string, string> = new Map(
  globSync('*.tar.gz', { cwd: FOLDER }).map((name) => [basename(name, '.tar.gz'), join(FOLDER, name)]),
);

/** Unpacks the data folder of a released version. The folder is removed when the test ends. */
export async function unpack(
  t: TestContext,
  version: string,
): Promise<{ readonly dataDir: string; readonly facts: Facts }> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-released-'));
  t.after(() => rm(dir, { recursive: true, force: true, maxRetries: 3 }));
  execFileSync('tar', ['-xzf', RELEASED.get(version) ?? version, '-C', dir]);
  const facts: Facts = JSON.parse(readFileSync(join(dir, 'facts.json'), 'utf8'));
  return { dataDir: join(dir, 'data'), facts };
}
