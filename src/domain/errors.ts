/**
 * Errors that callers receive: their stable codes, and whether the same call might succeed later.
 * `http/error-status.ts` maps codes to HTTP statuses.
 */
export const ERRORS = {
  invalid_request: { retryable: false },
  invalid_upload: { retryable: false },
  upload_incomplete: { retryable: false },
  url_not_allowed: { retryable: false },
  receiver_failed: { retryable: true },
  unauthorized: { retryable: false },
  forbidden: { retryable: false },
  cross_site_request: { retryable: false },
  link_expired: { retryable: false },
  not_found: { retryable: false },
  method_not_allowed: { retryable: false },
  conflict: { retryable: false },
  limit_reached: { retryable: false },
  too_large: { retryable: false },
  unsupported_media_type: { retryable: false },
  range_not_satisfiable: { retryable: false },
  rate_limited: { retryable: true },
  internal: { retryable: true },
  storage_full: { retryable: true },
  unavailable: { retryable: true },
  overloaded: { retryable: true },
} as const satisfies Record<string, { retryable: boolean }>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * An invalid field of a request: the path of the field (such as `url` or `[3].emitted_at`), and the value
 * that was expected.
 */
export interface ErrorDetail {
  readonly field: string;
  readonly message: string;
}

/** An error that is reported to the caller, with its code, message and details. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[];
  /** Number of seconds after which the caller should try again. `null`: the error does not say when. */
  readonly retryAfterS: number | null;

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: readonly ErrorDetail[]; retryAfterS?: number; cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details ?? [];
    this.retryAfterS = options.retryAfterS ?? null;
  }
}

/** Makes the error for one invalid field. */
export function invalidField(field: string, message: string): ServiceError {
  return new ServiceError('invalid_request', `${field}: ${message}`, { details: [{ field, message }] });
}

/**
 * Makes the error for an object that does not exist. An object of another account gets the same error, so
 * that nobody can find out that the object exists.
 */
export function notFound(what: string): ServiceError {
  return new ServiceError('not_found', `${what} not found`);
}
