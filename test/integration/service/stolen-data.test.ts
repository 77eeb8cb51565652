import assert from 'node:assert/strict';
import { glob, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startTestService } from '../../support/service/service.ts';

test("the data folder holds no API key and no token, not even in SQLite's own files beside the database", async () => {
  const service = await startTestService();
  try {
    const { client, dataDir } = service;
    const { api_key } = (await client.expect(201, 'POST', '/api_keys', { api_key_name: 'camera' })).data;
    await client.expect(200, 'DELETE', `/api_keys/${api_key.id}`);
    const { secretKey, token } = client.credentials;
    const bearer = await client.send('/user/me', { headers: { authorization: `Bearer ${token}` } });
    assert.equal(bearer.status, 200);

    const whileRunning = await bytesBelow(dataDir);
    await service.service.stop();
    for (const bytes of [whileRunning, await bytesBelow(dataDir)]) {
      assert.ok(bytes.includes(client.credentials.publicKey), 'looked in the wrong place');
      for (const secret of [secretKey, api_key.secret, token]) assert.ok(!bytes.includes(secret));
    }
  } finally {
    await service.stop();
  }
});

async function bytesBelow(dir: string): Promise<Buffer> {
  const contents: Buffer[] = [];
  for await (const name of glob('**', { cwd: dir })) {
    const file = join(dir, name);
    if ((await stat(file)).isFile()) contents.push(await readFile(file));
  }
  return Buffer.concat(contents);
}
