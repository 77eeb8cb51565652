import assert from 'node:assert/strict';
import {
  appendFile,
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readConfig } from '../../../src/config/config.ts';
import { openLinkKey } from '../../../src/media/link-key.ts';
import { openStoredData } from '../../../src/service/open-data.ts';
import { Journal } from '../../../src/storage/sqlite/journal/journal.ts';
import { runCommand } from '../../support/service/command.ts';
import { testEnvironment } from '../../support/service/service.ts';

let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'mediahooks-refused-'));
  const whole = join(root, 'whole');
  await (await openStoredData(readConfig(testEnvironment(whole)))).storage.close();
  await openLinkKey(join(whole, 'link-key'));
});

after(() => rm(root, { recursive: true }));

interface Damage {
  readonly what: string;
  readonly change: (dataDir: string) => unknown;
  readonly says: RegExp;
}

function alter(sql: string): Damage['change'] {
  return (dataDir) => {
    const connection = new DatabaseSync(join(dataDir, 'mediahooks.sqlite'));
    connection.exec(sql);
    connection.close();
  };
}

async function tokenKey(dataDir: string): Promise<string> {
  const [name = ''] = await readdir(join(dataDir, 'token-keys'));
  return join(dataDir, 'token-keys', name);
}

const DAMAGES: Damage[] = [
  {
    what: 'the journal of another database',
    change: (dataDir) => {
      const journal = Journal.begin(join(dataDir, 'mediahooks.sqlite.journal'), { key: 1, applied: 0 });
      journal.append('[]');
      journal.close({ remove: false });
    },
    says: /^the journal .*\.sqlite\.journal belongs to another database\. Put that database back, or move the journal away$/,
  },
  {
    what: 'a database that a newer version has migrated',
    change: alter(`insert into kysely_migration values ('9999-regions', '2030-01-01T00:00:00.000Z')`),
    says: /^MEDIAHOOKS_DATABASE_URL: .*\.sqlite was used by a newer version, which ran the migration 9999-regions: start/,
  },
  {
    what: 'a database that an unreleased version has made, without a column of today',
    change: alter('alter table webhooks drop column failing_since'),
    says: /^MEDIAHOOKS_DATABASE_URL: .*\.sqlite does not have the schema .*\(the table webhooks differs\)/,
  },
  {
    what: 'a damaged database',
    change: (dataDir) => writeFile(join(dataDir, 'mediahooks.sqlite'), 'no database, but text'.repeat(100)),
    says: /^MEDIAHOOKS_DATABASE_URL: .*\.sqlite can't be opened: file is not a database$/,
  },
  {
    what: 'a key for tokens of an algorithm that only a newer version knows',
    change: async (dataDir) =>
      writeFile(await tokenKey(dataDir), JSON.stringify({ kty: 'AKP', alg: 'ML-DSA-65', kid: 'a', d: 'b' })),
    says: /^the key for tokens in .*\/token-keys\/.*\.json is damaged or of a newer version: restore/,
  },
  {
    what: 'a key for tokens that was cut off',
    change: async (dataDir) => writeFile(await tokenKey(dataDir), '{"kty":"OKP","crv":"Ed255'),
    says: /^the key for tokens in .*\/token-keys\/.*\.json is damaged or of a newer version: restore/,
  },
  {
    what: 'a folder in place of a key for tokens',
    change: (dataDir) => mkdir(join(dataDir, 'token-keys', 'a.json')),
    says: /^the key for tokens in .*\/a\.json can't be read: EISDIR/,
  },
  {
    what: 'a damaged key for links',
    change: (dataDir) => writeFile(join(dataDir, 'link-key'), 'short'),
    says: /^the key of signed links in .*\/link-key is damaged: expected 32 bytes, got 3; restore/,
  },
  {
    what: 'a damaged encryption key',
    change: (dataDir) => appendFile(join(dataDir, 'encryption-key'), 'more\n'),
    says: /^MEDIAHOOKS_ENCRYPTION_KEY: the file .*\/encryption-key: expected 32 bytes in base64/,
  },
  {
    what: 'a lock file with text in it',
    change: (dataDir) => writeFile(join(dataDir, 'server.lock'), 'no database, but text'.repeat(100)),
    says: /^.*\/server\.lock can't be locked: file is not a database$/,
  },
  {
    what: 'a file in place of the folder of media',
    change: async (dataDir) => {
      await rm(join(dataDir, 'media'), { recursive: true });
      await writeFile(join(dataDir, 'media'), '');
    },
    says: /^ENOTDIR: not a directory, .*\/media/,
  },
];

test('a start on the database of another program changes nothing of it', async () => {
  const file = join(root, 'recipes.sqlite');
  const connection = new DatabaseSync(file);
  connection.exec('create table recipes (id text)');
  connection.close();
  await chmod(file, 0o664);
  const [before, { mode }] = [await readFile(file), await stat(file)];
  const settings = {
    ...testEnvironment(join(root, 'new')),
    MEDIAHOOKS_DATABASE_URL: pathToFileURL(file).href,
  };
  const { exitCode, stderr } = await runCommand(['serve'], settings);
  assert.equal(exitCode, 1);
  assert.match(
    stderr,
    /^mediahooks: .*recipes\.sqlite is a database of another program: name another file\n$/,
  );
  assert.deepEqual([await readFile(file), (await stat(file)).mode], [before, mode]);
});

for (const [index, { what, change, says }] of DAMAGES.entries()) {
  test(`a start on ${what} ends with one sentence`, async () => {
    const dataDir = join(root, String(index));
    await cp(join(root, 'whole'), dataDir, { recursive: true });
    await chmod(dataDir, 0o700);
    await change(dataDir);
    const { exitCode, stdout, stderr } = await runCommand(['serve'], testEnvironment(dataDir));
    assert.deepEqual([exitCode, stdout], [1, ''], stderr);
    const [line = '', ...more] = stderr.trimEnd().split('\n');
    assert.match(line, /^mediahooks: /);
    assert.match(line.slice('mediahooks: '.length), says);
    assert.deepEqual(more, [], 'one line, and no stack');
  });
}
