import createClient from 'openapi-fetch';
import { ApiError, errorOf, UNREACHABLE } from './errors.ts';
import type { paths } from './generated/api.d.ts';

/**
 * Header that proves that a request comes from a page of this service: no other site may send it without a preflight, which
 * the service never grants.
 */
export const CONSOLE_HEADERS = { 'x-mediahooks-console': '1' };

/** Typed client of the service's API. The session's cookie goes along by itself, and no script can read it. */
export const api = createClient<paths>({ credentials: 'same-origin', headers: CONSOLE_HEADERS });

interface Result<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** Returns the body of a successful answer. @throws ApiError for any other answer, or if there was none */
export async function answerOf<T>(call: Promise<Result<T>>): Promise<T> {
  const { data, error, response } = await call.catch((cause: unknown): never => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(UNREACHABLE, { cause });
  });
  if (!response.ok || data === undefined) throw errorOf(error, response);
  return data;
}
