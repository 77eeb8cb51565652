import type { WebhookTarget } from '../../domain/delivery.ts';
import type { SealedCredentials } from '../encryption/webhook-credentials.ts';
import { retryScheduleOf } from '../kysely/webhook-row.ts';

/** The columns of a webhook that tell where and how to send. */
export interface TargetRow {
  readonly id: string;
  readonly url: string;
  readonly credentials: string;
  readonly retrySchedule: string;
  readonly maxInFlight: number | null;
}

/** Makes a webhook's target. It omits the service's defaults, because targets cross threads by the thousand. */
export function toTarget(row: TargetRow, credentials: SealedCredentials): WebhookTarget {
  const { id, url, retrySchedule, maxInFlight } = row;
  return {
    id,
    url,
    ...credentials.targetOf(id, row.credentials),
    ...(retrySchedule === 'default' ? null : { retrySchedule: retryScheduleOf(retrySchedule) }),
    ...(maxInFlight === null ? null : { maxInFlight }),
  };
}
