import { ApiError } from '../../../api/errors.ts';
import { resendDelivery } from '../../../queries/deliveries.ts';

export interface Progress {
  readonly done: number;
  readonly refused: number;
  readonly total: number;
  readonly firstError: Error | null;
  readonly isRunning: boolean;
}

/** Requests that run at the same time. */
const AT_ONCE = 4;
/** Seconds to wait when the service asks for fewer requests and does not say how long. */
const WAIT_S = 2;

/** Sends deliveries again, a few at a time, and waits when the service asks to. Stops when the signal is aborted. */
export async function resendMany(
  ids: readonly string[],
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  let progress: Progress = { done: 0, refused: 0, total: ids.length, firstError: null, isRunning: true };
  const report = (changes: Partial<Progress>) => {
    progress = { ...progress, ...changes };
    onProgress(progress);
  };
  const left = ids.values();
  const work = async () => {
    for (const id of left) {
      if (signal.aborted) return;
      const error = await resend(id, signal);
      if (error) report({ refused: progress.refused + 1, firstError: progress.firstError ?? error });
      else report({ done: progress.done + 1 });
    }
  };
  report({});
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  report({ isRunning: false });
}

async function resend(id: string, signal: AbortSignal): Promise<Error | null> {
  for (;;) {
    try {
      await resendDelivery(id);
      return null;
    } catch (error) {
      const isBusy = error instanceof ApiError && (error.status === 429 || error.status === 503);
      if (!isBusy || signal.aborted) return error as Error;
      const seconds = error.retryAfterS ?? WAIT_S;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }
}
