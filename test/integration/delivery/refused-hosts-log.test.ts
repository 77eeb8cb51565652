import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_EVENTS } from '../../support/service/api-client.ts';
import { ServiceProcess } from '../../support/service/service-process.ts';

test('the log names each refused host once, its address and the setting that allows it; the account is told neither', async (t) => {
  const settings = { MEDIAHOOKS_EGRESS_ALLOW: '', MEDIAHOOKS_LOG_LEVEL: 'info' };
  const service = await ServiceProcess.create({ settings });
  t.after(() => service.remove());
  await service.start();
  for (const host of ['10.1.2.3', '10.1.2.3', '192.168.7.7']) {
    const url = `https://${host}/hook`;
    const { status, body } = await service.client.call('POST', '/webhooks', { url, ...ALL_EVENTS });
    assert.equal(status, 400);
    assert.doesNotMatch(body.message, /MEDIAHOOKS|private|10\.|192\./);
  }
  const { stderr } = await service.terminate();
  const refusals = stderr
    .split('\n')
    .filter((line) => line.includes('MEDIAHOOKS_EGRESS_ALLOW'))
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    refusals.map(({ host, setting }) => [host, setting]),
    [
      ['10.1.2.3', 'MEDIAHOOKS_EGRESS_ALLOW'],
      ['192.168.7.7', 'MEDIAHOOKS_EGRESS_ALLOW'],
    ],
  );
  for (const { host, reason } of refusals) assert.ok(String(reason).includes(host), reason);
});
