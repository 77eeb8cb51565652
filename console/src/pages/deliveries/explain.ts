import {
  classExplanations,
  type Explanation,
  errorExplanations,
  exhaustedText,
  otherExplanation,
  statusExplanations,
  waitExplanations,
} from '../../texts/explanations.ts';

export interface Diagnosis extends Explanation {
  readonly tone: 'good' | 'warn' | 'bad' | 'neutral';
}

/** Facts that the API tells about a delivery. */
interface Facts {
  readonly state: 'pending' | 'succeeded' | 'failed' | 'cancelled';
  readonly pending_reason: 'sending' | 'paused' | 'circuit' | 'lane' | 'schedule' | 'queued' | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
}

/** Says in words how it stands with a delivery: the likely cause of a failure, and what to do. */
export function diagnose(delivery: Facts): Diagnosis {
  const { state, pending_reason: reason, last_error: error } = delivery;
  if (state === 'succeeded') return { ...waitExplanations.succeeded, steps: [], tone: 'good' };
  if (state === 'cancelled') return { ...waitExplanations.cancelled, steps: [], tone: 'neutral' };
  const failure = error === null ? null : explainAttempt(delivery.last_status, error);
  if (state === 'failed') {
    const { title, cause, steps } = failure ?? otherExplanation;
    return { title, cause: `${cause} ${exhaustedText}`, steps, tone: 'bad' };
  }
  const wait = waitExplanations[reason ?? 'queued'];
  if (!failure)
    return { ...wait, steps: [], tone: reason === 'paused' || reason === 'circuit' ? 'warn' : 'neutral' };
  if (reason === 'schedule' || reason === 'circuit')
    return { ...failure, cause: `${failure.cause} ${wait.cause}`, tone: 'warn' };
  return { ...wait, steps: failure.steps, tone: 'warn' };
}

/** Explains a failed attempt by its status, or by the error if there was no whole answer. */
export function explainAttempt(status: number | null, error: string): Explanation {
  // An error that is not about the status says more than the status: the answer broke off.
  const isAboutStatus = status !== null && error.startsWith(`the receiver answered ${status}`);
  if (!isAboutStatus)
    return errorExplanations.find(([pattern]) => pattern.test(error))?.[1] ?? otherExplanation;
  const known = statusExplanations[status];
  if (known) return known;
  if (status >= 300 && status < 400) return classExplanations.redirect;
  return status >= 500 ? classExplanations.failed : classExplanations.refused;
}
