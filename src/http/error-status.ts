import type { ErrorCode } from '../domain/errors.ts';

/** HTTP status of each error code. docs/reference/errors.md has the same table; a test compares the two. */
export const ERROR_STATUS = {
  invalid_request: 400,
  invalid_upload: 400,
  upload_incomplete: 400,
  url_not_allowed: 400,
  receiver_failed: 400,
  unauthorized: 401,
  forbidden: 403,
  cross_site_request: 403,
  link_expired: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  limit_reached: 409,
  too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  rate_limited: 429,
  internal: 500,
  storage_full: 503,
  unavailable: 503,
  overloaded: 503,
} as const satisfies Record<ErrorCode, number>;
