import { CONSOLE_HEADERS } from '../../api/client.ts';
import { ApiError, errorOf, UNREACHABLE } from '../../api/errors.ts';
import type { Span } from './missing-ranges.ts';

export interface PartRequest {
  readonly mediaId: string;
  readonly file: File;
  readonly span: Span;
  readonly signal: AbortSignal;
  /** Called with the number of bytes that have left. */
  readonly onProgress: (bytes: number) => void;
}

/**
 * Sends one part of a file. `fetch` does not tell how much has left, so that the older interface does it.
 * @throws ApiError if the service refuses it or does not answer; an AbortError if the signal is aborted
 */
export function sendPart({ mediaId, file, span, signal, onProgress }: PartRequest): Promise<void> {
  const body = new FormData();
  body.set('file', file.slice(span.start, span.end), 'part');
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const end = (error?: unknown) => {
      signal.removeEventListener('abort', abort);
      if (error) reject(error);
      else resolve();
    };
    request.upload.onprogress = ({ loaded, total }) =>
      onProgress(Math.floor((loaded / total) * (span.end - span.start)));
    request.onload = () => {
      const { status } = request;
      if (status >= 200 && status < 300) return end();
      const headers = { 'retry-after': request.getResponseHeader('retry-after') ?? '' };
      end(errorOf(parsed(request.responseText), new Response(null, { status, headers })));
    };
    request.onerror = () => end(new ApiError(UNREACHABLE));
    request.onabort = () => end(new DOMException('The upload was paused.', 'AbortError'));
    signal.addEventListener('abort', abort);
    request.open('POST', `/api/media/${mediaId}/part`);
    for (const [name, value] of Object.entries(CONSOLE_HEADERS)) request.setRequestHeader(name, value);
    request.setRequestHeader('content-range', `bytes ${span.start}-${span.end - 1}/${file.size}`);
    if (signal.aborted) return end(new DOMException('The upload was paused.', 'AbortError'));
    request.send(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
