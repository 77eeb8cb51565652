import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServiceWithReceiver } from '../support/service/service-with-receiver.ts';

/** Ends the service's database thread when the process gets SIGUSR2. */
const PRELOADED = `
process.on('worker', (worker) => process.on('SIGUSR2', () => worker.terminate()));
`;

test('the death of the database thread ends the service, and the next start continues', {
  timeout: 60_000,
}, async (t) => {
  const { service, receiver, publishOne } = await startServiceWithReceiver(t);
  await service.terminate();
  await service.start({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PRELOADED)}`,
  });
  receiver.answer((_request, response) => void response.writeHead(500).end());
  await publishOne('a', 1);
  await receiver.untilCount(1);

  process.kill(service.pid, 'SIGUSR2');
  const end = await service.end();
  assert.deepEqual([end.exitCode, end.endSignal], [1, null]);
  assert.match(
    end.stderr,
    /"msg":"the database connection is lost; the process exits and must be restarted"/,
  );

  receiver.answer((_request, response) => void response.end());
  await service.start();
  await receiver.untilCount(2);
});
