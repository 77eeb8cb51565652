/**
 * Every error that a caller of the API can meet: its stable code, its HTTP status, and whether the same
 * request may succeed later. docs/api.md lists the same table; a test holds the two together.
 */
export const ERRORS = {
  invalid_request: { status: 400, retryable: false },
  invalid_upload: { status: 400, retryable: false },
  upload_incomplete: { status: 400, retryable: false },
  url_not_allowed: { status: 400, retryable: false },
  receiver_failed: { status: 400, retryable: true },
  unauthorized: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  cross_site_request: { status: 403, retryable: false },
  link_expired: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  conflict: { status: 409, retryable: false },
  limit_reached: { status: 409, retryable: false },
  too_large: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  range_not_satisfiable: { status: 416, retryable: false },
  rate_limited: { status: 429, retryable: true },
  internal: { status: 500, retryable: true },
  storage_full: { status: 503, retryable: true },
  unavailable: { status: 503, retryable: true },
  overloaded: { status: 503, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERRORS;

/** One offending field: where it is (`url`, `[3].emitted_at`) and what was expected there. */
export interface ErrorDetail {
  readonly field: string;
  readonly message: string;
}

/** An error that its caller is told about, in the contract's form. */
export class ServiceError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[];
  /** Seconds after which a repeat is worth it; null where its status says it all. */
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

  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** A single field that is wrong. */
export function invalidField(field: string, message: string): ServiceError {
  return new ServiceError('invalid_request', `${field}: ${message}`, { details: [{ field, message }] });
}

/** Absent, or another account's: the two look the same. */
export function notFound(what: string): ServiceError {
  return new ServiceError('not_found', `${what} not found`);
}

/** Whether `error` says that this process or machine can't open another file, or start another process, for now. */
export function isExhausted(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause } = error as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE' || code === 'EAGAIN' || isExhausted(cause);
}

/** Whether `error` says that a disk or a quota is full: what failed may succeed once there is room. */
export function isNoSpace(error: unknown): boolean {
  if (error instanceof ServiceError) return error.code === 'storage_full';
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
