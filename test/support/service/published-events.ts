import type { ApiAnswer, ApiClient } from './api-client.ts';

/** An event as a platform with an encoder of its own publishes it; `title` distinguishes it from others of its kind. */
export interface PublishedEvent {
  readonly event_id: string;
  readonly type: string;
  readonly media_id: string;
  readonly title: string;
  readonly user_id: string;
}

/** Returns the `number`th event of a media of the client's account. */
export function publishedEvent(client: ApiClient, mediaId: string, number: number): PublishedEvent {
  const name = `${mediaId}/${number}`;
  const { userId } = client.credentials;
  return { event_id: name, type: 'partial.finished', media_id: mediaId, title: name, user_id: userId };
}

/** Publishes events; `null`: no answer came, so that the events may have been accepted or not. */
export async function publish(
  operator: ApiClient,
  events: readonly PublishedEvent[],
): Promise<ApiAnswer | null> {
  return operator.call('POST', '/events', events).catch(() => null);
}
