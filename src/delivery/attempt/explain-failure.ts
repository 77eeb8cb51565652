import { EgressError } from '../egress/policy.ts';

/** What the developer of a receiver is told of an error code, of ours, Node's, undici's or OpenSSL's. */
const EXPLANATIONS: Record<string, string> = {
  CERT_HAS_EXPIRED: "the receiver's TLS certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the receiver's TLS certificate is self-signed",
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the receiver closed the connection before its answer was whole',
  EHOSTUNREACH: 'the receiver can not be reached (no route to the host)',
  ENETUNREACH: 'the receiver can not be reached (no route to the network)',
  EPIPE: 'the receiver closed the connection before its answer was whole',
  ERR_TLS_CERT_ALTNAME_INVALID: "the receiver's TLS certificate is for another name",
  ETIMEDOUT: 'the connection timed out',
  NAME_NOT_FOUND: "the receiver's name does not resolve",
  NAME_NOT_IN_TIME: "the receiver's name could not be resolved in time (its name server did not answer)",
  NAME_SERVER_FAILED: "the receiver's name could not be resolved (the name server failed)",
  SELF_SIGNED_CERT_IN_CHAIN: "the receiver's TLS certificate was issued by an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the receiver's TLS certificate was issued by an unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the receiver's TLS certificate chain is incomplete",
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  // undici asserts that a status is one.
  ERR_ASSERTION: 'the answer is not HTTP (its status is none)',
  UND_ERR_HEADERS_OVERFLOW: "the answer's headers are too large",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the answer's body is not as long as its headers say",
  UND_ERR_SOCKET: 'the receiver closed the connection before its answer was whole',
};

/** What kind of failure ended an exchange: no answer in time, no connection or one that broke, or something else. */
export type FailureKind = 'timeout' | 'connection' | 'other';

/** Says that a receiver took longer than it has. */
export class ReceiverTimeout extends Error {
  override readonly name = 'ReceiverTimeout';
}

/** Says that the egress proxy made no connection to the receiver; the message, why, without the proxy's address. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
  }

  /** @param cause what ended the exchange with the proxy */
  static because(cause: Error): ProxyError {
    const kind = failureKind(cause) === 'timeout' ? 'timeout' : 'connection';
    // To this exchange the proxy is the receiver.
    const why = explainFailure(cause).replaceAll('the receiver', 'the proxy');
    return new ProxyError(kind, `the egress proxy failed: ${why}`, { cause });
  }
}

/** Codes that are explained above, and tell neither of a connection that failed nor of one that broke. */
const NOT_OF_CONNECTIONS = new Set([
  'ERR_ASSERTION',
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);
/** What undici says of a status 100 or 101 that it did not ask for. It closes the connection itself. */
const NOT_ASKED_FOR = new Set(['bad response', 'bad upgrade']);
const TIMEOUTS = new Set(['ETIMEDOUT', 'NAME_NOT_IN_TIME', 'UND_ERR_CONNECT_TIMEOUT']);

export function failureKind(error: Error): FailureKind {
  if (error instanceof ReceiverTimeout) return 'timeout';
  if (error instanceof ProxyError) return error.kind;
  if (error instanceof AggregateError && error.errors[0] instanceof Error)
    return failureKind(error.errors[0]);
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (TIMEOUTS.has(code)) return 'timeout';
  if (NOT_ASKED_FOR.has(error.message)) return 'other';
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return 'connection';
  return code in EXPLANATIONS && !NOT_OF_CONNECTIONS.has(code) ? 'connection' : 'other';
}

/** One sentence for the developer of the receiver. */
export function explainFailure(error: Error): string {
  if (error instanceof EgressError || error instanceof ProxyError) return error.message;
  // Connecting to several addresses of a name fails with all their errors; the first is the preferred address's.
  if (error instanceof AggregateError && error.errors[0] instanceof Error)
    return explainFailure(error.errors[0]);
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (error.name === 'HTTPParserError') return `the answer is not HTTP (${error.message})`;
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return `the TLS handshake failed (${error.message})`;
  if (NOT_ASKED_FOR.has(error.message)) return 'the receiver answered 100 or 101, which nobody asked for';
  return EXPLANATIONS[code] ?? error.message;
}
