/**
 * Error of an answer that breaks the rules of HTTP/1.1 or exceeds a limit. Its message explains the failure to the
 * developer of the receiver.
 */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  /** Whether the other side closed the connection before the answer was complete. */
  readonly isClosed: boolean;

  private constructor(message: string, isClosed = false) {
    super(message);
    this.isClosed = isClosed;
  }

  /** @param what which rule the answer breaks */
  static malformed(what: string): AnswerError {
    return new AnswerError(`the answer is not HTTP (${what})`);
  }

  static tooLarge(): AnswerError {
    return new AnswerError("the answer's headers are too large");
  }

  static switchesProtocols(): AnswerError {
    return new AnswerError('the receiver answered 101, which was not requested');
  }

  static closed(): AnswerError {
    return new AnswerError('the receiver closed the connection before its answer was complete', true);
  }
}
