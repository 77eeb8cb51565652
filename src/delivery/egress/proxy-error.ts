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
  /**
   * Whether the failure is on our own side: the proxy could not be reached, or does not accept the credentials
   * of this service. Such a failure says nothing about the receiver.
   */
  readonly isOwn: boolean;

  constructor(
    kind: ProxyError['kind'],
    message: string,
    { isOwn = false, ...options }: ErrorOptions & { readonly isOwn?: boolean } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.isOwn = isOwn;
  }

  /**
   * Returns the error for a failed exchange with the proxy itself.
   * @param cause the error that ended this exchange
   * @param isOwn whether the proxy could not be reached
   */
  static because(cause: Error, isOwn = false): ProxyError {
    return new ProxyError('connection', 'the egress proxy failed', { cause, isOwn });
  }
}
