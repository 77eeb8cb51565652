import type { Settlement } from '../../domain/delivery.ts';
import type { PauseReason } from '../../domain/webhook.ts';
import { aheadMsOf } from '../../platform/steady-time.ts';
import type { Settled } from '../contracts/queue.ts';
import type { Database } from './database.ts';

/**
 * Later one of the stored time of the last attempt and of the new time. A stored time in the future does not
 * count, because the clock has been set back since then.
 */
const LATEST_ATTEMPT = `case when last_triggered_at <= ?3 then max(last_triggered_at, ?1) else ?1 end`;

/**
 * Stores when the last attempt began. The later time is kept, because attempts do not end in the order in
 * which they began.
 */
const TRIGGERED = `
  update webhooks set last_triggered_at = ?1
  where id = ?2 and (last_triggered_at is null or last_triggered_at < ?1 or last_triggered_at > ?3)`;

const WORKS = `
  update webhooks
  set last_triggered_at = ${LATEST_ATTEMPT}, failing_since = null, last_error = null
  where id = ?2 and (last_triggered_at is null or last_triggered_at < ?1 or last_triggered_at > ?3
    or failing_since is not null or last_error is not null)`;

/**
 * Records a failure, and pauses the webhook if necessary. On the right side of each `=`, SQLite uses the
 * value that a column had before the update. So a webhook is paused as failing only if it already failed
 * before this call.
 */
const FAILS = `
  update webhooks set
    last_triggered_at = case when last_triggered_at <= :now then max(last_triggered_at, :at) else :at end,
    failing_since = coalesce(failing_since, :firstFailureAt),
    last_error = :error,
    paused_at = case when paused_at is null and (:isGone or failing_since <= :pauseFailingSince)
      then :now else paused_at end,
    pause_reason = case when paused_at is not null then pause_reason
      when :isGone then 'gone' when failing_since <= :pauseFailingSince then 'failing' end
  where id = :id and deleted_at is null
  returning pause_reason as reason`;

/** Results of all attempts of one webhook in one call of `Queue.settle`. */
interface Findings {
  /** Time at which the latest of the attempts began. */
  at: number;
  works: boolean;
  isGone: boolean;
  firstFailureAt: number | null;
  lastFailureAt: number;
  error: string | null;
}

/** Times of one call of `Queue.settle`. */
export interface HealthTimes {
  readonly now: number;
  /** Time of the steady clock, by which webhooks are failing. */
  readonly steadyNow: number;
  readonly pauseFailingSince: number | null;
}

/**
 * Stores with each webhook how its attempts ended, and pauses webhooks whose receivers are gone or have
 * failed for too long. The function runs one statement for each webhook, however many attempts there are. It
 * is a part of `Queue.settle`.
 */
export function updateWebhookHealth(
  db: Database,
  settlements: readonly Settlement[],
  { now, steadyNow, pauseFailingSince }: HealthTimes,
): Settled['paused'] {
  const paused: { webhookId: string; reason: PauseReason }[] = [];
  for (const [id, findings] of findingsOf(settlements)) {
    const { at, works, isGone, firstFailureAt, error } = findings;
    // If a webhook has both successes and failures in the batch, only the successes count. The next failure
    // then begins a new period of failures.
    if (works && !isGone) db.prepare(WORKS).run(at, id, now);
    else if (firstFailureAt === null) db.prepare(TRIGGERED).run(at, id, now);
    else {
      const row = db.prepare(FAILS).get({
        id,
        at,
        firstFailureAt: firstFailureAt + aheadMsOf(steadyNow, now),
        error,
        isGone: Number(isGone),
        now,
        pauseFailingSince,
      });
      const reason = (row?.reason ?? null) as PauseReason | null;
      if (reason !== null) paused.push({ webhookId: id, reason });
    }
  }
  return paused;
}

function findingsOf(settlements: readonly Settlement[]): Map<string, Findings> {
  const all = new Map<string, Findings>();
  for (const { webhookId, attempt, receiver } of settlements) {
    const { at, error } = attempt;
    let findings = all.get(webhookId);
    if (!findings) {
      findings = { at, works: false, isGone: false, firstFailureAt: null, lastFailureAt: 0, error: null };
      all.set(webhookId, findings);
    }
    findings.at = Math.max(findings.at, at);
    if (receiver === 'works') findings.works = true;
    if (receiver === 'gone') findings.isGone = true;
    if (receiver !== 'fails' && receiver !== 'gone') continue;
    findings.firstFailureAt = Math.min(findings.firstFailureAt ?? at, at);
    if (at < findings.lastFailureAt) continue;
    findings.lastFailureAt = at;
    findings.error = error;
  }
  return all;
}
