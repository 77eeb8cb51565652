import { EgressError, HOST_REFUSED } from '../egress/policy.ts';
import { ProxyError } from '../egress/proxy-error.ts';
import { explainTlsFailure, isTlsFailure } from './explain-tls-failure.ts';

/**
 * Explanations of failures for the developer of a receiver. The keys are error codes of this service, Node,
 * undici and OpenSSL.
 */
const EXPLANATIONS: Record<string, string> = {
  EADDRNOTAVAIL: 'the receiver can not be reached (no local address or port for the connection)',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the receiver closed the connection before its answer was complete',
  EHOSTUNREACH: 'the receiver can not be reached (no route to the host)',
  ENETUNREACH: 'the receiver can not be reached (no route to the network)',
  EPIPE: 'the receiver closed the connection before its answer was complete',
  ETIMEDOUT: 'the connection timed out',
  NAME_NOT_FOUND: "the receiver's name does not resolve",
  NAME_NOT_IN_TIME: "the receiver's name could not be resolved in time (its name server did not answer)",
  NAME_SERVER_UNREACHABLE: "the receiver's name could not be resolved (no name server can be reached)",
  NAME_SERVER_FAILED: "the receiver's name could not be resolved (the name server failed)",
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  // undici throws this error when the status of an answer is invalid.
  ERR_ASSERTION: 'the answer is not HTTP (its status is invalid)',
  UND_ERR_HEADERS_OVERFLOW: "the answer's headers are too large",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the answer's body is not as long as its headers say",
  UND_ERR_SOCKET: 'the receiver closed the connection before its answer was complete',
};

/**
 * Class of a failed exchange. `timeout`: no whole answer came in time. `connection`: the connection could not
 * be made, or broke. `other`: any other failure.
 */
export type ExchangeFailure = 'timeout' | 'connection' | 'other';

/** Error of an exchange in which the receiver took longer than the time limit. */
export class ReceiverTimeout extends Error {
  override readonly name = 'ReceiverTimeout';
}

/** Codes in `EXPLANATIONS` that mean neither a failed connection nor a broken one. */
const NOT_CONNECTION_CODES = new Set([
  'ERR_ASSERTION',
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);
/**
 * Messages of undici's errors for a change of the protocol that was not requested (status 101), after which
 * undici closes the connection. The sender reads a status of 100 as 103, which undici skips.
 */
const UNEXPECTED_1XX = new Set(['bad response', 'bad upgrade']);
const TIMEOUT_CODES = new Set(['ETIMEDOUT', 'NAME_NOT_IN_TIME', 'UND_ERR_CONNECT_TIMEOUT']);

/** Codes of errors that mean that the other side closed the connection. */
const CLOSED_CODES = new Set(['ECONNABORTED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** Returns whether an exchange failed because the other side closed the connection. */
export function isConnectionClosed(error: Error): boolean {
  return CLOSED_CODES.has((error as NodeJS.ErrnoException).code ?? '');
}

/** Returns the class of the failure that ended an exchange. */
export function exchangeFailureOf(error: Error): ExchangeFailure {
  if (error instanceof ReceiverTimeout) return 'timeout';
  if (error instanceof ProxyError) return proxyFailureOf(error);
  if (error instanceof AggregateError && error.errors[0] instanceof Error)
    return exchangeFailureOf(error.errors[0]);
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (TIMEOUT_CODES.has(code)) return 'timeout';
  if (UNEXPECTED_1XX.has(error.message)) return 'other';
  if (isTlsFailure(error)) return 'connection';
  return code in EXPLANATIONS && !NOT_CONNECTION_CODES.has(code) ? 'connection' : 'other';
}

/**
 * Returns the class of a failure of the egress proxy: `timeout` if the proxy took too long, otherwise
 * `connection`, because no connection to the receiver was made.
 */
function proxyFailureOf({ kind, cause }: ProxyError): ExchangeFailure {
  if (!(cause instanceof Error)) return kind;
  return exchangeFailureOf(cause) === 'timeout' ? 'timeout' : 'connection';
}

/**
 * Returns one sentence that explains a failed exchange to the developer of the receiver. It tells nothing about
 * the operator's network: a name that does not exist is explained like one with a private address.
 */
export function explainFailure(error: Error): string {
  if (error instanceof EgressError) return error.message;
  if (error instanceof ProxyError) return explainProxyError(error);
  if ((error as NodeJS.ErrnoException).code === 'NAME_NOT_FOUND') return HOST_REFUSED;
  return explain(error);
}

function explain(error: Error): string {
  // Explains only the first error. If connecting to several addresses of a name fails, the first error is
  // about the address that was tried first.
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return explain(error.errors[0]);
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  if (error.name === 'HTTPParserError') return `the answer is not HTTP (${error.message})`;
  const tls = explainTlsFailure(error);
  if (tls !== null) return tls;
  if (UNEXPECTED_1XX.has(error.message)) return 'the receiver answered 100 or 101, which was not requested';
  // The message of a failed system call is left out, because it names addresses.
  return EXPLANATIONS[code] ?? (syscall === undefined ? error.message : `the connection failed (${code})`);
}

/**
 * Returns one sentence that explains a failure of the egress proxy. Replaces "the receiver" in the
 * explanation of `cause` by "the proxy", because the failed exchange was with the proxy.
 */
function explainProxyError({ message, cause }: ProxyError): string {
  if (!(cause instanceof Error)) return message;
  return `${message}: ${explain(cause).replaceAll('the receiver', 'the proxy')}`;
}
