import { answerOf, api } from '../../api/client.ts';
import { ApiError } from '../../api/errors.ts';
import { missingParts, type Span } from './missing-ranges.ts';
import { sendPart } from './send-part.ts';

/** Parts of one file that are sent at the same time. */
const PARALLEL = 2;
/** Milliseconds before the first repeat after a failure, and at most. Each further failure doubles the time. */
const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 30_000;

export interface FileRequest {
  readonly mediaId: string;
  readonly file: File;
  readonly signal: AbortSignal;
  /** Called with the number of bytes that were received or are on their way. */
  readonly onProgress: (bytes: number) => void;
  /** Called with what went wrong before a repeat, and with `null` when it goes on. */
  readonly onTrouble: (trouble: string | null) => void;
}

/**
 * Sends those bytes of a file that the service does not have yet, and completes the upload. Repeats what fails for reasons that
 * pass.
 * @throws ApiError if the service refuses the file; an AbortError if the signal is aborted
 */
export async function sendFile(request: FileRequest): Promise<void> {
  const { mediaId, file, signal, onProgress } = request;
  const params = { path: { id: mediaId } };
  for (;;) {
    const state = await repeated(request, async () => {
      return (await answerOf(api.GET('/api/media/{id}/upload', { params, signal }))).data;
    });
    if (state.is_complete) return onProgress(file.size);
    const parts = missingParts(file.size, state.ranges);
    onProgress(state.received_bytes);
    if (parts.length === 0) break;
    await sendParts(request, parts, state.received_bytes);
  }
  await repeated(request, () => answerOf(api.GET('/api/media/{id}/complete', { params, signal })));
}

/** Sends parts, some of them at the same time. @param received bytes that the service had before */
async function sendParts(request: FileRequest, parts: readonly Span[], received: number): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([request.signal, failed.signal]);
  const left = new Map<Span, number>();
  const report = () => request.onProgress(received + [...left.values()].reduce((sum, one) => sum + one, 0));
  const waiting = parts.values();
  const work = async () => {
    for (const span of waiting) {
      const onProgress = (bytes: number) => {
        left.set(span, bytes);
        report();
      };
      await repeated(request, () => sendPart({ ...request, span, signal, onProgress }));
      onProgress(span.end - span.start);
    }
  };
  try {
    await Promise.all(Array.from({ length: PARALLEL }, work));
  } catch (error) {
    failed.abort();
    throw error;
  }
}

/** Makes a call again until it succeeds, or fails for a reason that does not pass. */
async function repeated<T>({ signal, onTrouble }: FileRequest, call: () => Promise<T>): Promise<T> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, MAX_WAIT_MS)) {
    try {
      const result = await call();
      onTrouble(null);
      return result;
    } catch (error) {
      if (!(error instanceof ApiError) || !mayPass(error)) throw error;
      onTrouble(error.message);
      await pause(error.retryAfterS ? error.retryAfterS * 1000 : wait, signal);
    }
  }
}

function mayPass({ status }: ApiError): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
