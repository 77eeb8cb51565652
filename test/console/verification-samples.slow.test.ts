import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { VERIFICATION_SAMPLES } from '../../console/src/pages/webhooks/parts/verification-samples.ts';
import { deliveryHeaders } from '../../src/delivery/attempt/make-attempt.ts';
import { newSigningSecret } from '../../src/delivery/attempt/signature.ts';
import { LANGUAGES, prepareSample, RunningSample } from '../support/docs/receiver-samples.ts';

const FILES: Readonly<Record<string, string>> = {
  Node: 'receiver.mjs',
  Python: 'receiver.py',
  Go: 'receiver.go',
  PHP: 'receiver.php',
};

for (const { language: name, code } of VERIFICATION_SAMPLES) {
  test(`the code that the console shows for ${name} accepts what is ours, and nothing else`, async (t) => {
    const language = LANGUAGES.find((one) => one.name === name);
    assert.ok(language, `no language is named ${name}`);
    const prepared = await prepareSample(language);
    if ('missing' in prepared) return t.skip(prepared.missing);
    const { dir } = prepared;
    await writeFile(join(dir, FILES[name] as string), code);
    await language.build?.(dir);
    const secret = newSigningSecret();
    // The sample of the document has a worker in PHP, which this one does not have.
    const commands = (port: number) => language.commands(port).slice(0, 1);
    const sample = await RunningSample.start({ ...language, commands }, dir, secret);
    t.after(async () => {
      await sample.kill();
      await rm(dir, { recursive: true });
    });
    const body = JSON.stringify({ type: 'file.received', media_id: 'media-1', title: 'Grüße, 世界 🎬' });
    const send = async (signedWith: string, sent = body) => {
      const headers = deliveryHeaders({ id: 'event-1', body, at: Date.now() }, { secret: signedWith });
      return (await fetch(sample.url, { method: 'POST', headers, body: sent })).status;
    };
    assert.equal(await send(secret), 204);
    assert.equal(await send(newSigningSecret()), 400);
    assert.equal(await send(secret, body.replace('media-1', 'media-2')), 400);
  });
}
