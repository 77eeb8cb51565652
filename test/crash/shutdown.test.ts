import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { request, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { eventually } from '../../src/platform/testing/eventually.ts';
import { makeClip } from '../support/media/clips.ts';
import { assertEmittedOnce, assertLanes, story } from '../support/oracle/lane-log.ts';
import { ALL_EVENTS, ApiClient } from '../support/service/api-client.ts';
import { attemptsOf, deliveriesOf, untilAllEnded } from '../support/service/deliveries.ts';
import { processesBelow } from '../support/service/processes.ts';
import type { ServiceProcess } from '../support/service/service-process.ts';
import { startServiceWithReceiver } from '../support/service/service-with-receiver.ts';

/** Maximum duration of a stop, in milliseconds. Supervisors wait longer before they kill. */
const STOP_WITHIN_MS = 5_000;

/** Asks the service to stop, and asserts that it does so soon and without an error. */
async function stop(service: ServiceProcess, meanwhile = () => {}): Promise<void> {
  const ended = service.terminate();
  meanwhile();
  const late = delay(STOP_WITHIN_MS, null, { ref: false });
  const end = await Promise.race([ended, late]);
  assert.ok(end, `the service still runs ${STOP_WITHIN_MS} ms after SIGTERM`);
  assert.deepEqual([end.exitCode, end.endSignal, end.stderr], [0, null, '']);
}

test('a second server on the data folder of a running one is refused in one sentence', async (t) => {
  const { service } = await startServiceWithReceiver(t);
  const second = await service.run(['serve'], { MEDIAHOOKS_PORT: '0' });
  assert.equal(second.exitCode, 1);
  assert.equal(
    second.stderr,
    `mediahooks: another server is running on the data folder ${service.dataDir}\n`,
  );
  await service.client.expect(200, 'GET', '/user/me');
});

test('a second server on the database of a running one is refused, whatever its data folder', async (t) => {
  const { service } = await startServiceWithReceiver(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'mediahooks-second-'));
  t.after(() => rm(dataDir, { recursive: true }));
  const database = join(service.dataDir, 'mediahooks.sqlite');
  await symlink(database, join(dataDir, 'link.sqlite'));
  for (const file of [database, join(dataDir, 'link.sqlite')]) {
    const second = await service.run(['serve'], {
      MEDIAHOOKS_PORT: '0',
      MEDIAHOOKS_DATA_DIR: dataDir,
      MEDIAHOOKS_DATABASE_URL: pathToFileURL(file).href,
    });
    assert.deepEqual(
      [second.exitCode, second.stderr],
      [1, `mediahooks: another server is running on the database ${database}\n`],
    );
  }
});

test('the command line creates accounts and tokens while the server runs', async (t) => {
  const { service } = await startServiceWithReceiver(t);
  const created = await service.run(['account', 'create', '--email', 'second@example.com', '--json']);
  assert.equal(created.exitCode, 0, created.stderr);
  const account = JSON.parse(created.stdout);
  const credentials = {
    userId: account.user_id,
    publicKey: account.public_key,
    secretKey: account.secret_key,
    token: account.token,
  };
  const issued = await service.run(['token', '--user', account.user_id, '--json']);
  assert.equal(issued.exitCode, 0, issued.stderr);
  for (const headers of [
    undefined,
    { authorization: `Bearer ${account.token}` },
    { authorization: `Bearer ${JSON.parse(issued.stdout).token}` },
  ]) {
    const { data } = await new ApiClient(service.url, credentials, headers).expect(200, 'GET', '/user/me');
    assert.equal(data.user.email, 'second@example.com');
  }

  const operator = ['account', 'create', '--email', 'third@example.com', '--operator', '--json'];
  const { token } = JSON.parse((await service.run(operator)).stdout);
  for (const [bearer, status] of [
    [token, 202],
    [account.token, 403],
  ]) {
    const headers = { authorization: `Bearer ${bearer}` };
    const event = { type: 'file.received', event_id: 'e', media_id: 'm', user_id: account.user_id };
    await new ApiClient(service.url, credentials, headers).expect(status, 'POST', '/events', event);
  }

  const again = await service.run(['account', 'create', '--email', 'second@example.com']);
  assert.equal(again.exitCode, 1);
  assert.match(again.stderr, /^mediahooks: [^\n]+\n$/);
  const nobody = await service.run(['token', '--user', 'nobody']);
  assert.equal(nobody.exitCode, 1);
  assert.match(nobody.stderr, /^mediahooks: account nobody not found\n$/);
});

test('stopped during a request: its answer is recorded, and nothing is sent again', async (t) => {
  const { service, receiver, webhookId, publishOne } = await startServiceWithReceiver(t);
  const held: ServerResponse[] = [];
  receiver.answer((request, response) => {
    if (request.event.media_id === 'failing') response.writeHead(500).end();
    else held.push(response);
  });
  await publishOne('failing', 1);
  await eventually('the failed attempt is recorded', async () => {
    const [failing] = await deliveriesOf(service.client, webhookId);
    return failing?.attempt_count === 1;
  });
  await publishOne('slow', 1);
  await publishOne('slow', 2);
  await receiver.untilCount(2);

  // The lane's next delivery may still be sent if the answer is faster than the signal.
  receiver.answer((_request, response) => void response.end('ok'));
  await stop(service, () => {
    for (const response of held) response.end('ok');
  });
  await service.start();
  await receiver.untilCount(4);
  await untilAllEnded(service.client, webhookId);

  const titles = receiver.titles();
  assert.deepEqual(titles.slice(0, 2), ['failing/1', 'slow/1']);
  assert.deepEqual(titles.slice(2).toSorted(), ['failing/1', 'slow/2']);
  assert.equal(assertLanes(receiver.received), 1);
  const statuses: (number | null)[][] = [];
  for (const { id } of await deliveriesOf(service.client, webhookId)) {
    statuses.push((await attemptsOf(service.client, id)).map(({ status }) => status));
  }
  assert.deepEqual(statuses, [[500, 200], [200], [200]]);
});

test('stopped during an encode: it ends soon, and the encode is done after the next start', async (t) => {
  const { service, receiver, webhookId } = await startServiceWithReceiver(t);
  const clip = await makeClip({ width: 1280, height: 720, seconds: 6 });
  const id = await service.client.upload(clip, { qualities: [{ resolution: '720p' }] });
  await eventually('it is being encoded', async () => {
    return (await service.client.expect(200, 'GET', `/media/${id}`)).data.progress > 0;
  });

  await stop(service);
  assert.deepEqual(await processesBelow(service.dataDir), []);
  await service.start();
  await receiver.until(() => receiver.types(id).includes('encoding.finished'));
  await untilAllEnded(service.client, webhookId);

  assert.equal(assertLanes(receiver.received), 0);
  assertEmittedOnce(receiver.received);
  assert.deepEqual(story(receiver.received, id), [
    'file.received 720p',
    'encoding.started 720p',
    'partial.finished 720p',
    'encoding.finished 720p',
  ]);
});

test('a client that stops in the middle of an upload does not delay a stop', async (t) => {
  const { service } = await startServiceWithReceiver(t);
  const { id } = await service.client.createMedia();
  const { publicKey, secretKey } = service.client.credentials;
  const sending = request(`${service.url}/api/media/${id}/part`, {
    method: 'POST',
    auth: `${publicKey}:${secretKey}`,
    headers: { 'content-type': 'multipart/form-data; boundary=b', 'content-length': 1_000_000 },
  });
  sending.write('--b\r\ncontent-disposition: form-data; name="file"; filename="part.bin"\r\n\r\nhalf a part');
  sending.on('error', () => {});
  const [socket] = await once(sending, 'socket');
  if (socket.connecting) await once(socket, 'connect');
  // An answer to a later request shows that the earlier connection was accepted, too.
  await service.client.expect(200, 'GET', '/user/me');

  await stop(service);
});

test('a receiver that never answers does not delay a stop for long, and loses no try by it', async (t) => {
  const { service, receiver, webhookId, publishOne } = await startServiceWithReceiver(t);
  const { client } = service;
  const scheduled = async (retries: number[]) => {
    const fields = { ...ALL_EVENTS, retry_schedule: retries };
    const { id, secret } = await client.createWebhook(receiver.url, fields);
    receiver.trust(secret);
    return id;
  };
  const [once, twice] = [await scheduled([]), await scheduled([0])];
  receiver.answer(() => {});
  await publishOne('hanging', 1);
  await receiver.untilCount(3);

  await stop(service);
  await service.start();
  await receiver.untilCount(6);
  await service.kill();

  receiver.answer((_request, response) => void response.writeHead(500).end());
  await service.start();
  for (const id of [once, twice]) await untilAllEnded(client, id);
  // The stop recorded an attempt of each delivery. Nobody saw the end of those that the kill cut off.
  assert.deepEqual(await Promise.all([once, twice].map((id) => ends(client, id))), [
    ['failed', null, 500],
    ['failed', null, 500, 500],
  ]);
  receiver.answer((_request, response) => void response.end());
  await untilAllEnded(client, webhookId);
  assert.deepEqual((await ends(client, webhookId)).at(-1), 200);
  assertLanes(receiver.received);
});

/** Returns the state of a webhook's only delivery, and the statuses of its attempts. */
async function ends(client: ApiClient, webhookId: string): Promise<unknown[]> {
  const [delivery = assert.fail('there is no delivery')] = await deliveriesOf(client, webhookId);
  return [delivery.state, ...(await attemptsOf(client, delivery.id)).map(({ status }) => status)];
}
