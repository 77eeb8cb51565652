/**
 * The egress proxy made no connection to the receiver. The message says why, without the proxy's address.
 * If the exchange with the proxy itself failed, `cause` is the error that ended it.
 */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** Class of the failure. If there is a `cause`, the cause decides instead. */
  readonly kind: 'timeout' | 'connection';

  constructor(kind: ProxyError['kind'], message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
  }

  /** @param cause the error that ended the exchange with the proxy */
  static because(cause: Error): ProxyError {
    return new ProxyError('connection', 'the egress proxy failed', { cause });
  }
}
