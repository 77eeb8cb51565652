import type { WebhookTarget } from '../../../domain/delivery.ts';
import type { SealedCredentials } from '../../encryption/webhook-credentials.ts';
import { retryScheduleOf } from '../../kysely/tables/webhook-row.ts';

/**
 * The columns of a webhook from which `toTarget` makes its target (where and how its deliveries are sent).
 */
export interface TargetRow {
  readonly id: string;
  readonly url: string;
  readonly credentials: string;
  readonly retrySchedule: string;
  readonly maxInFlight: number | null;
  readonly revision: number | null;
}

/**
 * Makes the target of a webhook: where and how its deliveries are sent. Default values are left out, because
 * thousands of targets are copied between threads.
 */
export function toTarget(row: TargetRow, credentials: SealedCredentials): WebhookTarget {
  const { id, url, retrySchedule, maxInFlight, revision } = row;
  return {
    id,
    url,
    ...credentials.targetOf(id, row.credentials),
    ...(retrySchedule === 'default' ? null : { retrySchedule: retryScheduleOf(retrySchedule) }),
    ...(maxInFlight === null ? null : { maxInFlight }),
    ...(revision === null ? null : { revision }),
  };
}
