import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Receiver } from '../receivers/receiver.ts';
import { publish, publishedEvent } from './published-events.ts';
import { ServiceProcess, type ServiceProcessOptions } from './service-process.ts';

export interface ServiceWithReceiver {
  readonly service: ServiceProcess;
  /** Receiver that continues when the service ends. */
  readonly receiver: Receiver;
  /** Id of the receiver's webhook, which wants every type of event. */
  readonly webhookId: string;
  /** Publishes the event with this number of a media, and asserts that the service accepts it. */
  publishOne(mediaId: string, number: number): Promise<void>;
}

/** Starts a receiver, and the service as a process with one webhook for it. Both end with the test. */
export async function startServiceWithReceiver(
  t: TestContext,
  options: ServiceProcessOptions = {},
): Promise<ServiceWithReceiver> {
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  const service = await ServiceProcess.create(options);
  t.after(() => service.remove());
  await service.start();
  const webhook = await service.client.createWebhook(receiver.url);
  receiver.trust(webhook.secret);
  const publishOne = async (mediaId: string, number: number) => {
    const answer = await publish(service.operator, [publishedEvent(service.client, mediaId, number)]);
    assert.equal(answer?.status, 202, JSON.stringify(answer?.body));
  };
  return { service, receiver, webhookId: webhook.id, publishOne };
}
