import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeClip } from '../support/clips.ts';
import { Receiver } from '../support/receiver.ts';
import { startTestService } from '../support/service.ts';

/** The shell blocks of the README's first session; the first of them sets variables for the reader's own case. */
async function firstSession(): Promise<string[]> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const section = readme.split('## A first session')[1]?.split('\n## ')[0] ?? '';
  return Array.from(section.matchAll(/```sh\n(.*?)```/gs), (match) => match[1] ?? '');
}

test("the README's first session works as it stands", async () => {
  const service = await startTestService();
  const receiver = await Receiver.start();
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-readme-'));
  try {
    const [variables = '', ...calls] = await firstSession();
    const { publicKey, secretKey } = service.client.credentials;
    const values: Record<string, string> = {
      URL: service.service.url,
      KEY: `${publicKey}:${secretKey}`,
      RECEIVER: receiver.url,
      FILE: join(dir, 'holiday.mp4'),
    };
    const names = Array.from(variables.matchAll(/^(\w+)=/gm), (match) => match[1]);
    assert.deepEqual(names, Object.keys(values));
    await writeFile(values.FILE ?? '', await makeClip());

    const script = ['set -euo pipefail', ...calls].join('\n');
    const { stdout } = await promisify(execFile)('bash', ['-c', script], {
      env: { ...process.env, ...values },
    });
    const answers = stdout.split(/(?<=\})(?=\{"status")/).map((answer) => JSON.parse(answer));
    assert.deepEqual(
      answers.map((answer) => answer.status),
      Array(5).fill('success'),
    );
    const [created, part, complete, media, deliveries] = [
      answers[0],
      answers[1],
      answers[2],
      answers[3],
      answers.at(-1),
    ];
    assert.match(created.data.webhook.secret, /^whsec_/);
    assert.ok(part.message && complete.message);
    assert.equal(media.data.title, 'Holiday');
    assert.equal(deliveries.data.deliveries.at(-1).event, 'file.received');

    receiver.trust(created.data.webhook.secret);
    await receiver.until(() => receiver.types().includes('encoding.finished'));
    assert.deepEqual(receiver.types(), [
      'file.received',
      'encoding.started',
      'partial.finished',
      'partial.finished',
      'encoding.finished',
    ]);
  } finally {
    await service.stop();
    await receiver.stop();
    await rm(dir, { recursive: true });
  }
});
