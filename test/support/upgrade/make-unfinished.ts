import { randomBytes } from 'node:crypto';
import { makeClip } from '../media/clips.ts';
import { ALL_EVENTS, type ApiClient } from '../service/api-client.ts';

/** Objects of which something is to be done when the service starts again. */
export interface Unfinished {
  /** A webhook with a delivery that was in flight. */
  readonly webhook: { readonly id: string; readonly secret: string };
  /** A received media, whose encoding was begun. */
  readonly encoding: string;
  /** A media whose first part, of two, was received. */
  readonly upload: { readonly id: string; readonly first: string; readonly second: string };
  /** A media whose first part of a progressive upload was received. */
  readonly progressive: string;
}

const PART_BYTES = 2_000;

/**
 * Leaves work unfinished. All of it is of the operator's account, so that the events of that work change
 * nothing of the owner's.
 * @param hangingUrl receiver that never answers
 */
export async function makeUnfinished(operator: ApiClient, hangingUrl: string): Promise<Unfinished> {
  const webhook = await operator.createWebhook(hangingUrl, {
    ...ALL_EVENTS,
    file_received: false,
    encoding_started: false,
    retry_schedule: Array(20).fill(1),
  });
  await operator.expect(202, 'POST', '/events', {
    type: 'encoding.finished',
    event_id: 'in flight',
    media_id: 'of the platform',
    media_type: 'video',
    user_id: operator.credentials.userId,
  });
  const clip = await makeClip({ width: 64, height: 64 });
  const encoding = await operator.upload(clip, {
    title: 'Being encoded',
    qualities: [{ resolution: '144p' }],
  });
  const { id } = await operator.createMedia({ title: 'In two parts', qualities: [{ resolution: '144p' }] });
  const rest = clip.subarray(PART_BYTES);
  const first = clip.subarray(0, PART_BYTES);
  await operator.uploadPart(id, { bytes: first, range: `bytes 0-${PART_BYTES - 1}/${clip.length}` });
  const { id: progressive } = await operator.createMedia({ title: 'Progressive' });
  await operator.uploadPart(progressive, { bytes: randomBytes(PART_BYTES), range: 'part 1/*' });
  return {
    webhook,
    encoding,
    upload: { id, first: first.toString('base64'), second: rest.toString('base64') },
    progressive,
  };
}
