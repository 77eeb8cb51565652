import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestService } from '../../support/service/service.ts';

/**
 * Maximum milliseconds of a processor that one turn of the event loop may take. Loading the modules takes 20 ms.
 * Rendering the page in this thread took 50 to 80 ms.
 */
const MAX_TURN_MS = 45;

test('the first request for the page of the API holds up no other request', async (t) => {
  const service = await startTestService();
  t.after(() => service.stop());
  assert.equal((await fetch(`${service.service.url}/healthz`)).status, 200);

  // A number, not a list: a slow machine has more turns than a call can have arguments.
  let longest = 0;
  let isMeasured = true;
  let last = process.threadCpuUsage();
  const measure = () => {
    const { user, system } = process.threadCpuUsage(last);
    longest = Math.max(longest, (user + system) / 1_000);
    last = process.threadCpuUsage();
    if (isMeasured) setImmediate(measure);
  };
  setImmediate(measure);
  const page = await fetch(`${service.service.url}/api/docs`);
  assert.match(await page.text(), /<title>/);
  isMeasured = false;
  assert.ok(longest < MAX_TURN_MS, `${longest} ms in one turn`);
});
