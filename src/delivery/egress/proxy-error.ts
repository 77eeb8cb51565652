/**
 * Error of a request for which the egress proxy made no connection to the receiver. The message says why,
 * without the proxy's address. If the exchange with the proxy itself failed, `cause` is the error that ended
 * that exchange.
 */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /**
   * Class of the failure. Ignored if there is a `cause`, because the class is then derived from the cause.
   */
  readonly kind: 'timeout' | 'connection';

  constructor(kind: ProxyError['kind'], message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
  }

  /**
   * Returns the error for a failed exchange with the proxy itself.
   * @param cause the error that ended this exchange
   */
  static because(cause: Error): ProxyError {
    return new ProxyError('connection', 'the egress proxy failed', { cause });
  }
}
