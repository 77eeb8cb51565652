import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { settingsInForce } from './settings-in-force.ts';

const TOKEN = 'sixteen-letters!';
const dir = mkdtempSync(join(tmpdir(), 'mediahooks-settings-'));
after(() => rmSync(dir, { recursive: true }));

function fileOf(text: string, name = 'settings.env'): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

/** Returns the message of the error with which the settings are refused. */
function refusal(text: string): string {
  try {
    readConfig({}, fileOf(text));
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return assert.fail(`${text} is accepted`);
}

test('settings come from the file, and the environment precedes it', () => {
  const path = fileOf(
    `\uFEFF# the port\r\nMEDIAHOOKS_PORT=9000\r\nexport MEDIAHOOKS_HOST = "0.0.0.0" # every address\r\n\nPOSTGRES_PASSWORD=a#b\nMEDIAHOOKS_METRICS_TOKEN='${TOKEN}#1'\n`,
  );
  const config = readConfig({ MEDIAHOOKS_PORT: '8000' }, path);
  assert.deepEqual([config.port, config.host, config.metricsToken], [8000, '0.0.0.0', `${TOKEN}#1`]);
  const { settings } = settingsInForce({ MEDIAHOOKS_PORT: '8000' }, path);
  const shown = Object.fromEntries(settings.map(({ name, value, setIn }) => [name, [value, setIn]]));
  assert.deepEqual(shown.MEDIAHOOKS_PORT, ['8000', 'environment']);
  assert.deepEqual(shown.MEDIAHOOKS_HOST, ['0.0.0.0', 'settings file']);
  assert.deepEqual(shown.MEDIAHOOKS_METRICS_TOKEN, ['(hidden)', 'settings file']);
  assert.deepEqual(shown.MEDIAHOOKS_LOG_LEVEL, ['info', null]);
});

test('a line that would be lost is refused with its number, and no error shows a value', () => {
  const beginning = (line: number) => `--settings: the file ${dir}/settings.env has a wrong line ${line}: `;
  assert.equal(refusal('\nMEDIAHOOKS_PORT 9000\n'), `${beginning(2)}expected MEDIAHOOKS_PORT=value`);
  assert.equal(refusal('MEDIAHOOKS_PORT: 9000'), `${beginning(1)}expected MEDIAHOOKS_PORT=value`);
  assert.equal(
    refusal('MEDIAHOOKS_PORT=1\nMEDIAHOOKS_PORT=2'),
    `${beginning(2)}MEDIAHOOKS_PORT is set a second time`,
  );
  assert.equal(
    refusal(`MEDIAHOOKS_METRICS_TOKEN=${TOKEN}#secret`),
    `${beginning(1)}put the value of MEDIAHOOKS_METRICS_TOKEN, which has a #, in quotes`,
  );
  assert.match(refusal('MEDIAHOOKS_PROT=80'), /^MEDIAHOOKS_PROT is not a setting; /);
  assert.equal(readConfig({}, fileOf('MEDIAHOOKS_PORT=9000 # not the default')).port, 9000);
});

test('a settings file that can not be used ends the start with one sentence', () => {
  const wrong: [path: string, says: string][] = [
    [join(dir, 'none'), 'does not exist'],
    [dir, 'is a folder'],
    ['/dev/zero', 'is larger than 64 KiB'],
  ];
  for (const [path, says] of wrong) {
    assert.throws(
      () => readConfig({}, path),
      (error: Error) =>
        error instanceof ConfigError && error.message === `--settings: the file ${path} ${says}`,
    );
  }
});
