import type { RecordedAnswer } from './facts.ts';
import type { Clients, Made } from './make-objects.ts';

/** Fields that depend on the time, or on the address of the service. */
const VOLATILE = new Set([
  'circuit_probe_at',
  'circuit_since',
  'last_requested_at',
  'next_cursor',
  // This key is shown during the overlap of a rotation.
  'previous_public_key',
]);

/**
 * Returns what the API answers about the objects of a data folder. Only what stays the same when the service
 * starts again is recorded.
 */
export async function recordAnswers({ owner, operator }: Clients, made: Made): Promise<RecordedAnswer[]> {
  const recorded: RecordedAnswer[] = [];
  const record = async (as: RecordedAnswer['as'], path: string) => {
    const { data } = await { owner, operator }[as].expect(200, 'GET', path);
    recorded.push({ as, path, data: stable(data) });
  };
  for (const [name, { id }] of Object.entries(made.webhooks)) {
    if (name !== 'removed') {
      await record('owner', `/webhooks/${id}`);
      await record('owner', `/webhooks/${id}/secret`);
      await record('owner', `/webhooks/${id}/public_key`);
      await record('owner', `/webhooks/${id}/recoveries`);
    }
    const { data } = await owner.expect(200, 'GET', `/webhooks/${id}/deliveries?limit=100`);
    for (const delivery of data.deliveries) await record('owner', `/deliveries/${delivery.id}`);
  }
  for (const [name, id] of Object.entries(made.media)) {
    if (name !== 'deleted') await record('owner', `/media/${id}`);
  }
  await record('owner', '/api_keys');
  await record('owner', '/user/me');
  await record('operator', '/accounts');
  return recorded;
}

/** Returns an answer without volatile fields, and with no links, which contain an address and a time. */
export function stable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stable);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !VOLATILE.has(name) && name !== 'assets');
  return Object.fromEntries(kept.map(([name, inner]) => [name, stable(inner)]));
}
