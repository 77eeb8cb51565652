import type { ApiAnswer, ApiClient } from './api-client.ts';

/**
 * An event as a platform with its own encoder publishes it. The `title` distinguishes it from other events of
 * the same type.
 */
export interface PublishedEvent {
  readonly event_id: string;
  readonly type: string;
  readonly media_id: string;
  readonly title: string;
  readonly user_id: string;
}

/** Returns the event with this number of a media of the client's account. */
export function publishedEvent(client: ApiClient, mediaId: string, number: number): PublishedEvent {
  const name = `${mediaId}/${number}`;
  const { userId } = client.credentials;
  return { event_id: name, type: 'partial.finished', media_id: mediaId, title: name, user_id: userId };
}

/** Publishes events. `null`: no answer came, so the service might have accepted the events or not. */
export async function publish(
  operator: ApiClient,
  events: readonly PublishedEvent[],
): Promise<ApiAnswer | null> {
  return operator.call('POST', '/events', events).catch(() => null);
}
