import { AnswerError } from '../client/answer-error.ts';
import { EgressError, HOST_REFUSED } from '../egress/policy.ts';
import { ProxyError } from '../egress/proxy-error.ts';
import { explainTlsFailure, isTlsFailure } from './explain-tls-failure.ts';

/**
 * Explanations of failures for the developer of a receiver. The keys are error codes of this service, Node and
 * undici. undici's are those of requests to the egress proxy.
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
  UND_ERR_HEADERS_OVERFLOW: "the answer's headers are too large",
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

const TIMEOUT_CODES = new Set(['ETIMEDOUT', 'NAME_NOT_IN_TIME', 'UND_ERR_CONNECT_TIMEOUT']);

/** Returns the class of the failure that ended an exchange. */
export function exchangeFailureOf(error: Error): ExchangeFailure {
  if (error instanceof ReceiverTimeout) return 'timeout';
  if (error instanceof ProxyError) return proxyFailureOf(error);
  if (error instanceof AggregateError && error.errors[0] instanceof Error)
    return exchangeFailureOf(error.errors[0]);
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (TIMEOUT_CODES.has(code)) return 'timeout';
  if (error instanceof AnswerError) return error.isClosed ? 'connection' : 'other';
  if (isTlsFailure(error)) return 'connection';
  return code in EXPLANATIONS ? 'connection' : 'other';
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
  if (error instanceof AnswerError) return error.message;
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  if (error.name === 'HTTPParserError') return `the answer is not HTTP (${error.message})`;
  const tls = explainTlsFailure(error);
  if (tls !== null) return tls;
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
