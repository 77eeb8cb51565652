import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { Receiver } from '../receivers/receiver.ts';
import { attemptsOf, deliveriesOf, untilAllEnded } from '../service/deliveries.ts';
import { publish, publishedEvent } from '../service/published-events.ts';
import { startTestService } from '../service/service.ts';

/**
 * Program that runs in a network namespace with six local ports. The
 * service and the receiver listen on two of them. The program publishes eight events to a receiver that
 * does not answer, until the service says that it is not ready, and then lets the receiver answer. It prints what
 * the service said, and the attempts of each delivery.
 */

const EVENTS = 8;

const service = await startTestService({ MEDIAHOOKS_RETRY_DELAYS: '' });
const receiver = await Receiver.start();
const waiting: ServerResponse[] = [];
receiver.answer((_request, response) => void waiting.push(response));
const { id } = await service.client.createWebhook(receiver.url);
const events = Array.from({ length: EVENTS }, () => publishedEvent(service.client, randomUUID(), 1));
await publish(service.operator, events);
const said = await eventually('the service is not ready', async () => {
  const answer = await fetch(`${service.service.url}/readyz`);
  const { message } = (await answer.json()) as { message?: string };
  return answer.status === 503 ? message : null;
});
const requests = receiver.received.length;
receiver.answer((_request, response) => void response.end());
for (const response of waiting) response.end();
await untilAllEnded(service.client, id);
const deliveries = await deliveriesOf(service.client, id);
const ends: string[] = [];
// One request after the other, because each one at the same time would need a port of its own.
for (const { id, state } of deliveries) {
  ends.push(`${state} ${(await attemptsOf(service.client, id)).length}`);
}
process.stdout.write(JSON.stringify({ said, requests, ends: [...new Set(ends)], count: ends.length }));
await receiver.stop();
await service.stop();
