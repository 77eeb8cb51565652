import assert from 'node:assert/strict';
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { ApiClient } from '../service/api-client.ts';
import { freePort } from '../service/service-process.ts';
import { recordAnswers } from './answers.ts';
import type { Facts } from './facts.ts';
import { createObjects, type Made } from './make-objects.ts';
import { makeUnfinished } from './make-unfinished.ts';
import { startFixtureReceiver } from './receiver.ts';

/*
 * Makes the data folder of a released version, with every kind of row and file, for the tests of upgrades:
 *
 *   git worktree add /tmp/released COMMIT && (cd /tmp/released && npm ci)
 *   node test/support/upgrade/make-data-folder.ts /tmp/released test/fixtures/data-folders/0.2.0.tar.gz
 *
 * The folder is filled through the command line and the API of the program in that checkout. In the end the
 * service is killed, so that the folder also has claimed deliveries, unfinished media, and a log of SQLite that was not
 * copied into the database. The archive contains `data/`, and `facts.json` with what the tests need to know.
 */

const PASSWORD = 'a password of the fixture';
type Serving = ChildProcessByStdio<null, Readable, null>;

const [checkout, archive] = process.argv.slice(2);
if (!checkout || !archive) throw new Error('expected the checkout of a version, and the path of an archive');
const program = resolve(checkout, 'script/mediahooks');
const root = mkdtempSync(join(tmpdir(), 'mediahooks-fixture-'));
try {
  await makeFolder(join(root, 'data'));
  execFileSync('tar', ['-czf', resolve(archive), '-C', root, 'data', 'facts.json']);
} finally {
  rmSync(root, { recursive: true });
}

async function makeFolder(dataDir: string): Promise<void> {
  mkdirSync(dataDir, { mode: 0o700 });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings = {
    MEDIAHOOKS_DATA_DIR: dataDir,
    MEDIAHOOKS_PORT: String(port),
    MEDIAHOOKS_EGRESS_ALLOW: '127.0.0.1/32',
    MEDIAHOOKS_LOG_LEVEL: 'fatal',
  };
  const command = (args: string[], input = '') =>
    execFileSync(program, args, { env: { ...process.env, ...settings }, input, encoding: 'utf8' });
  const account = (email: string, args: string[] = [], input = '') => {
    const made = JSON.parse(command(['account', 'create', '--email', email, '--json', ...args], input));
    return {
      userId: made.user_id,
      publicKey: made.public_key,
      secretKey: made.secret_key,
      token: made.token,
    };
  };
  const credentials = {
    operator: account('operator@example.com', ['--operator']),
    owner: account('owner@example.com', ['--password'], `${PASSWORD}\n`),
    disabled: account('disabled@example.com'),
  };
  command(['account', 'disable', credentials.disabled.userId]);
  command(['token', 'rotate-key']);
  const clients = {
    operator: new ApiClient(url, credentials.operator),
    owner: new ApiClient(url, credentials.owner),
  };
  const receiver = await startFixtureReceiver();
  const serving = await serve(settings);
  let made: Made;
  try {
    made = await createObjects(clients, receiver.url);
  } finally {
    await end(serving, 'SIGTERM');
  }
  const unfinished = await unfinishedWork(settings, clients, {
    root,
    made,
    hangingUrl: `${receiver.url}/hang`,
  });
  await receiver.close();
  const facts: Facts = {
    version: JSON.parse(readFileSync(join(checkout as string, 'package.json'), 'utf8')).version,
    madeAt: Date.now(),
    credentials,
    password: PASSWORD,
    ...made,
    ...unfinished,
  };
  writeFileSync(join(root, 'facts.json'), `${JSON.stringify(facts, null, 1)}\n`);
}

/** Starts the service with an encoder that never ends, leaves work unfinished, and kills the service. */
async function unfinishedWork(
  settings: Record<string, string>,
  clients: Record<'owner' | 'operator', ApiClient>,
  {
    root: dir,
    made,
    hangingUrl,
  }: { readonly root: string; readonly made: Made; readonly hangingUrl: string },
) {
  const hanging = join(dir, 'hanging-ffmpeg');
  writeFileSync(hanging, '#!/bin/sh\nexec sleep 60\n');
  chmodSync(hanging, 0o700);
  const serving = await serve({ ...settings, MEDIAHOOKS_FFMPEG: hanging });
  try {
    const unfinished = await makeUnfinished(clients.operator, hangingUrl);
    await eventually('the media is being encoded', async () => {
      const { data } = await clients.operator.expect(200, 'GET', `/media/${unfinished.encoding}`);
      return data.status === 'transcoding';
    });
    return { unfinished, answers: await recordAnswers(clients, made) };
  } finally {
    await end(serving, 'SIGKILL');
  }
}

async function serve(settings: Record<string, string>): Promise<Serving> {
  const env = { ...process.env, ...settings };
  const child = spawn(program, ['serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const text of child.stdout.iterator({ destroyOnReturn: false })) {
    if (String(text).includes('listens on')) return child;
  }
  throw assert.fail('the service ended before it listened');
}

async function end(child: Serving, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  child.stdout.resume();
  await once(child, 'close');
}
