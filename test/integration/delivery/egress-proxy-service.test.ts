import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { type ConnectAnswer, refusing, TestConnectProxy } from '../../support/receivers/connect-proxy.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { attemptOnce, deliveriesOf, untilAllEnded } from '../../support/service/deliveries.ts';
import { publish, publishedEvent } from '../../support/service/published-events.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { ServiceProcess } from '../../support/service/service-process.ts';

/**
 * The service as operators run it behind a forward proxy: everything that it sends, and everything that it says about
 * the proxy.
 */

const PASSWORD = 'pass-of-the-proxy';
const AUTHORIZATION = `Basic ${Buffer.from(`user:${PASSWORD}`).toString('base64')}`;

/** Connects to the address that it is asked for. */
const tunnelling: ConnectAnswer = ({ authority }) => Number(authority.split(':').at(-1));

async function setUp(t: TestContext, answer: ConnectAnswer) {
  const receiver = await Receiver.start();
  const proxy = await TestConnectProxy.start(answer);
  const settings = {
    MEDIAHOOKS_EGRESS_PROXY: proxy.url(`user:${PASSWORD}`),
    MEDIAHOOKS_RETRY_DELAYS: '',
    MEDIAHOOKS_LOG_LEVEL: 'trace',
  };
  const service = await ServiceProcess.create({ settings });
  t.after(async () => {
    await service.remove();
    await receiver.stop();
    proxy.stop();
  });
  await service.start();
  const { id } = await service.client.createWebhook(receiver.url);
  return { service, receiver, proxy, id };
}

function assertKeptSecret(text: string): void {
  for (const secret of [PASSWORD, AUTHORIZATION.slice('Basic '.length)])
    assert.ok(!text.includes(secret), text);
}

test('deliveries and checks go through the proxy', async (t) => {
  const { service, receiver, proxy, id } = await setUp(t, tunnelling);
  const succeeded = { state: 'succeeded', status: 200, error: null };
  assert.deepEqual(await attemptOnce(service, id), succeeded);
  await service.client.expect(200, 'POST', `/webhooks/check/${id}`);
  assert.equal(receiver.received.length, 2);
  assert.ok(proxy.asked.length >= 1);
  const { host } = new URL(receiver.url);
  for (const asked of proxy.asked)
    assert.deepEqual(asked, { authority: host, host, authorization: AUTHORIZATION });
});

test("a refusal by the proxy is recorded in words, and the proxy's credentials appear nowhere", async (t) => {
  const { service, receiver, id } = await setUp(t, refusing(403));
  const error = 'the egress proxy refused to connect to the receiver (it answered 403)';
  assert.deepEqual(await attemptOnce(service, id), { state: 'failed', status: null, error });
  const check = await service.client.call('POST', `/webhooks/check/${id}`);
  assertRefusal(check, 'receiver_failed');
  assert.match(check.body.message, /^the egress proxy refused to connect/);
  assert.equal(receiver.received.length, 0);
  const answers = [
    check.body,
    await service.client.expect(200, 'GET', `/webhooks/${id}`),
    await service.client.expect(200, 'GET', `/webhooks/${id}/deliveries`),
  ];
  assertKeptSecret(JSON.stringify(answers));
  const { stdout, stderr } = await service.terminate();
  assert.match(stderr, /a delivery was exhausted/);
  assertKeptSecret(stdout + stderr);
});

test('a proxy that refuses our credentials, or is gone, uses up no attempt; /readyz and the log say so', async (t) => {
  const { service, receiver, proxy, id } = await setUp(t, refusing(407));
  const unready = (reason: RegExp) =>
    eventually('the service is not ready', async () => {
      const answer = await fetch(`${service.url}/readyz`);
      return answer.status === 503 && reason.test(await answer.text());
    });
  await publish(service.operator, [publishedEvent(service.client, 'a', 1)]);
  await unready(/the egress proxy can not be reached, or refuses the credentials/);
  const check = await service.client.call('POST', `/webhooks/check/${id}`);
  assert.deepEqual([check.status, check.body.code], [503, 'unavailable']);
  assert.doesNotMatch(check.body.message, /proxy|407/);

  proxy.answer = tunnelling;
  await untilAllEnded(service.client, id);
  const [delivery = assert.fail()] = await deliveriesOf(service.client, id);
  assert.deepEqual([delivery.state, delivery.attempt_count, receiver.received.length], ['succeeded', 1, 1]);

  proxy.stop();
  await publish(service.operator, [publishedEvent(service.client, 'b', 1)]);
  await unready(/the egress proxy can not be reached/);
  const { attempt_count, state } = (await deliveriesOf(service.client, id)).at(-1) ?? assert.fail();
  assert.deepEqual([state, attempt_count], ['pending', 0]);
  const { stderr } = await service.terminate();
  assert.match(stderr, /"cause":"proxy","reason":"the egress proxy refused the credentials of this service/);
  assertKeptSecret(stderr);
});

test('check-config shows the proxy without its credentials, and a malformed one not at all', async (t) => {
  const service = await ServiceProcess.create();
  t.after(() => service.remove());
  const checked = (url: string) => service.run(['check-config'], { MEDIAHOOKS_EGRESS_PROXY: url });
  const good = await checked(`http://user:${PASSWORD}@proxy.internal:3128`);
  assert.equal(good.exitCode, 0);
  assert.match(good.stdout, /^MEDIAHOOKS_EGRESS_PROXY +set +http:\/\/\(hidden\)@proxy\.internal:3128$/m);
  assertKeptSecret(good.stdout + good.stderr);
  assert.match((await checked('https://proxy.internal')).stdout, /_PROXY +set +https:\/\/proxy\.internal$/m);
  for (const url of [
    `socks5://user:${PASSWORD}@proxy`,
    `http://user:${PASSWORD}@proxy:port`,
    `http://user:${PASSWORD}%zz@proxy`,
    `user:${PASSWORD}@proxy:3128`,
  ]) {
    const wrong = await checked(url);
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.stderr, /^mediahooks: MEDIAHOOKS_EGRESS_PROXY: expected [^\n]+\n$/);
    assertKeptSecret(wrong.stdout + wrong.stderr);
  }
});
