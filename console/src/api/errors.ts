import { errorTexts } from '../texts/errors.ts';

export interface Problem {
  /** HTTP status; 0: the service gave no answer. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Messages about single fields of the request, by the fields' names. */
  readonly fields: Readonly<Record<string, string>>;
  /** Seconds after which a retry may help; `null`: the service did not say. */
  readonly retryAfterS: number | null;
  /** Id with which the operator finds the request in the log; `null`: no answer. */
  readonly requestId: string | null;
}

/** Error of a call of the API. */
export class ApiError extends Error implements Problem {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly retryAfterS: number | null;
  readonly requestId: string | null;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.status = problem.status;
    this.code = problem.code;
    this.fields = problem.fields;
    this.retryAfterS = problem.retryAfterS;
    this.requestId = problem.requestId;
  }
}

/** Problem of a request that got no answer. */
export const UNREACHABLE: Problem = {
  status: 0,
  code: 'unreachable',
  message: errorTexts.unreachable,
  fields: {},
  retryAfterS: null,
  requestId: null,
};

/** Returns the error that an answer of the service describes. A proxy in front of it may have answered without a body. */
export function errorOf(body: unknown, response: Response): ApiError {
  const { message, code, details } = (typeof body === 'object' && body !== null ? body : {}) as {
    message?: string;
    code?: string;
    details?: readonly { field: string; message: string }[];
  };
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiError({
    status: response.status,
    code: code ?? 'unknown',
    message: message ?? errorTexts.status(response.status),
    fields: Object.fromEntries((details ?? []).map((detail) => [detail.field, detail.message])),
    retryAfterS: Number.isFinite(retryAfter) ? retryAfter : null,
    requestId: response.headers.get('x-request-id'),
  });
}

/** Returns whether a call failed because nobody is signed in any more. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
