import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Sender } from '../../../src/delivery/attempt/sender.ts';
import { EgressPolicy } from '../../../src/delivery/egress/policy.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { Missing } from '../../support/docs/downloads.ts';
import { Nginx } from '../../support/receivers/nginx.ts';

const RELOADS = 40;
/** Number of clients that each send one request after the other. */
const CLIENTS = 8;

test('no request fails because nginx is reloaded', async (t) => {
  const nginx = await Nginx.start().catch((error) => {
    if (!(error instanceof Missing)) throw error;
    t.skip(error.message);
    return null;
  });
  if (nginx === null) return;
  const sender = new Sender({ egress: new EgressPolicy(['127.0.0.1/32']), timeoutMs: 5_000 });
  t.after(async () => {
    await sender.close();
    await nginx.stop();
  });
  let isRunning = true;
  const failures: (string | null)[] = [];
  let requests = 0;
  const client = async () => {
    while (isRunning) {
      const { status, error } = await sender.post(nginx.url, {}, '{}');
      requests += 1;
      if (status !== 200) failures.push(error);
    }
  };
  const clients = Array.from({ length: CLIENTS }, client);
  for (let nth = 1; nth <= RELOADS; nth += 1) {
    nginx.reload();
    await eventually('nginx was reloaded', async () => (await nginx.reloads()) >= nth);
    await delay(20);
  }
  isRunning = false;
  await Promise.all(clients);
  t.diagnostic(`${requests} requests during ${RELOADS} reloads`);
  assert.deepEqual(failures, []);
  assert.ok(requests > RELOADS * CLIENTS);
});
