import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Config, readConfig } from './config.ts';
import { SETTINGS, type SettingName } from './settings.ts';
import { settingsInForce } from './settings-in-force.ts';

/** Id of the user `nobody`. */
const NOBODY = 65_534;
const dir = mkdtempSync(join(tmpdir(), 'mediahooks-secrets-'));
after(() => rmSync(dir, { recursive: true }));

function fileOf(text: string, name = 'secret'): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

const SECRETS = (Object.keys(SETTINGS) as SettingName[]).filter((name) => SETTINGS[name].isSecret);

/** A value of each secret setting, and what is wrong for it. */
const VALUES: Readonly<Record<string, { value: string; wrong: string; read: (config: Config) => unknown }>> =
  {
    MEDIAHOOKS_METRICS_TOKEN: {
      value: 'sixteen-letters!',
      wrong: 'too-short',
      read: ({ metricsToken }) => metricsToken,
    },
    MEDIAHOOKS_ENCRYPTION_KEY: {
      value: Buffer.alloc(32, 1).toString('base64'),
      wrong: 'c2hvcnQ=',
      read: ({ encryptionKey }) => encryptionKey,
    },
    MEDIAHOOKS_EGRESS_PROXY: {
      value: 'http://user:a%20password@proxy.internal:3128',
      wrong: 'no-address',
      read: ({ egressProxy }) => [egressProxy?.origin, egressProxy?.headers],
    },
  };

test('these tests know every secret', () => {
  assert.deepEqual(Object.keys(VALUES).toSorted(), SECRETS.toSorted());
});

for (const [name, { value, wrong, read }] of Object.entries(VALUES)) {
  const variable = `${name}_FILE`;
  const refusal = (env: Record<string, string>) => {
    try {
      readConfig(env);
    } catch (error) {
      return (error as Error).message;
    }
    return assert.fail(`${JSON.stringify(env)} is accepted`);
  };

  test(`${variable} names a file that holds the value of ${name}`, () => {
    const expected = read(readConfig({ [name]: value }));
    for (const text of [value, `${value}\n`, `${value}\r\n`, `\uFEFF${value}\n\n`]) {
      assert.deepEqual(read(readConfig({ [variable]: fileOf(text) })), expected, JSON.stringify(text));
    }
    const { settings } = settingsInForce({ [variable]: fileOf(value) });
    const shown = settings.find((setting) => setting.name === name);
    assert.match(shown?.value ?? '', new RegExp(`^.+ from ${dir}/secret$`));
    assert.ok(
      !JSON.stringify(settings).includes('sixteen-letters') && !JSON.stringify(settings).includes('a%20'),
    );
    assert.equal(shown?.setIn, 'environment');
    const settingsFile = fileOf(`${variable}=${fileOf(value)}`, 'settings.env');
    assert.deepEqual(read(readConfig({}, settingsFile)), expected);
  });

  test(`each error of ${variable} is one sentence that names the file and not the secret`, () => {
    const none = join(dir, 'none');
    assert.equal(refusal({ [variable]: none }), `${variable}: the file ${none} does not exist`);
    assert.equal(refusal({ [variable]: dir }), `${variable}: the file ${dir} is a folder`);
    assert.equal(refusal({ [variable]: '' }), `${variable}: expected the path of a file`);
    const empty = fileOf(' \n');
    assert.equal(refusal({ [variable]: empty }), `${variable}: the file ${empty} is empty`);
    assert.equal(
      refusal({ [variable]: '/dev/zero' }),
      `${variable}: the file /dev/zero is larger than 64 KiB`,
    );
    const path = fileOf(wrong);
    const message = refusal({ [variable]: path });
    assert.ok(message.startsWith(`${variable}: the file ${path}: expected `), message);
    assert.ok(!message.includes(wrong), message);
    assert.equal(
      refusal({ [variable]: fileOf(value), [name]: value }),
      `${name} and ${variable}: expected only one of the two`,
    );
  });

  test(`${name} in the environment precedes ${variable} in the settings file`, () => {
    const settingsFile = fileOf(`${variable}=/does/not/exist`, 'settings.env');
    assert.deepEqual(read(readConfig({ [name]: value }, settingsFile)), read(readConfig({ [name]: value })));
  });
}

test('a secret can come through a pipe', () => {
  const code = `import { readConfig } from '${import.meta.resolve('./config.ts')}';
    console.log(readConfig({ MEDIAHOOKS_METRICS_TOKEN_FILE: '/dev/stdin' }).metricsToken);`;
  // A shell makes the pipe, because Node would make a socket.
  const printed = execFileSync(
    'sh',
    ['-c', 'echo a-token-from-a-pipe | "$0" --input-type=module --eval "$1"', process.execPath, code],
    { encoding: 'utf8' },
  );
  assert.equal(printed, 'a-token-from-a-pipe\n');
});

test('a file that the user may not read is named', () => {
  const path = fileOf('sixteen-letters!', 'closed');
  chmodSync(path, 0);
  // Root reads every file, so the test becomes an ordinary user for a moment.
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    assert.throws(
      () => readConfig({ MEDIAHOOKS_METRICS_TOKEN_FILE: path }),
      /^ConfigError: MEDIAHOOKS_METRICS_TOKEN_FILE: the file .*\/closed is not readable for this user$/,
    );
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

test('a setting that is no secret has no file of its own', () => {
  assert.throws(
    () => readConfig({ MEDIAHOOKS_PORT_FILE: '/etc/port' }),
    /^ConfigError: MEDIAHOOKS_PORT_FILE is not a setting, because only secrets can be in a file of their own; /,
  );
});
