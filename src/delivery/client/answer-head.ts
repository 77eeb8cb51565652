import { AnswerError } from './answer-error.ts';

/** Length of a body: a number of bytes, or what marks its end (RFC 9112 section 6.3). */
export type BodyLength = number | 'chunked' | 'until close';

/** Status and headers of an answer, as far as a client of webhooks uses them. */
export interface AnswerHead {
  readonly status: number;
  readonly length: BodyLength;
  /** Whether the receiver lets the connection be used again. */
  readonly isPersistent: boolean;
  /**
   * Seconds for which the receiver keeps an idle connection, by its header `Keep-Alive`. `null`: it does not say.
   */
  readonly keepAliveS: number | null;
  /** Value of the header `Retry-After`. `null`: the answer has no such header. */
  readonly retryAfter: string | null;
}

const STATUS_LINE = /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?\r\n/;
const FIELD_LINES = String.raw`(?:[!#$%&'*+\-.^_\x60|~\dA-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n$`;
const HEAD = new RegExp(STATUS_LINE.source + FIELD_LINES);
const TRAILERS = new RegExp(`^${FIELD_LINES}`);
const CONTENT_LENGTH = /^[\t ]*\d+[\t ]*$/;
const KEEP_ALIVE_TIMEOUT = /\btimeout[\t ]*=[\t ]*"?(\d{1,9})/i;
const CHUNKED_AT_LAST = /(?:^|,)[\t ]*chunked[\t ]*$/i;
const CLOSE = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i;
const KEEP_ALIVE = /(?:^|,)[\t ]*keep-alive[\t ]*(?:,|$)/i;
/** Indexes in a status line. Every digit of it has a place of its own. */
const [MINOR_VERSION_AT, STATUS_AT, STATUS_END] = [7, 9, 12];
/** Statuses of final answers that have no body, whatever their headers say. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 304]);
/**
 * Parses a head by RFC 9112, with none of the leniencies that the RFC allows: such as bare line feeds, folded
 * headers, a space before a colon, or two lengths.
 * @param text the head in Latin-1, including the empty line at its end
 * @throws AnswerError if the head is malformed
 */
export function parseHead(text: string): AnswerHead {
  // Asks whether the head matches, and not for its parts, which would be objects and texts of their own.
  if (!HEAD.test(text)) throw malformed(text);
  const status = Number(text.slice(STATUS_AT, STATUS_END));
  const fields = fieldsOf(text);
  const length = lengthOf(fields);
  return {
    status,
    length: WITHOUT_BODY.has(status) ? 0 : length,
    isPersistent: isPersistent(text[MINOR_VERSION_AT] === '1', fields.connection),
    keepAliveS: secondsOf(fields.keepAlive),
    retryAfter: fields.retryAfter,
  };
}

/** Values of the headers that are used. A header that is repeated has a value that joins all of its values. */
interface Fields {
  contentLength: string | null;
  transferEncoding: string | null;
  connection: string;
  keepAlive: string;
  retryAfter: string | null;
}

function fieldsOf(text: string): Fields {
  const fields: Fields = {
    contentLength: null,
    transferEncoding: null,
    connection: '',
    keepAlive: '',
    retryAfter: null,
  };
  for (let at = text.indexOf('\r\n') + 2; ; ) {
    const end = text.indexOf('\r\n', at);
    if (end === at) return fields;
    const colon = text.indexOf(':', at);
    // Most headers are not used. The lengths of the names that are used tell that without a copy of the name.
    if (NAME_LENGTHS.has(colon - at))
      take(fields, text.slice(at, colon).toLowerCase(), text.slice(colon + 1, end));
    at = end + 2;
  }
}

const NAME_LENGTHS: ReadonlySet<number> = new Set(
  ['connection', 'keep-alive', 'retry-after', 'content-length', 'transfer-encoding'].map(
    ({ length }) => length,
  ),
);

function take(fields: Fields, name: string, value: string): void {
  if (name === 'content-length') {
    if (fields.contentLength !== null) throw AnswerError.malformed('it gives two lengths');
    fields.contentLength = value;
  } else if (name === 'transfer-encoding') {
    if (value.trim() === '') throw AnswerError.malformed('its transfer encoding is empty');
    fields.transferEncoding =
      fields.transferEncoding === null ? value : `${fields.transferEncoding},${value}`;
  } else if (name === 'connection') fields.connection += `,${value}`;
  else if (name === 'keep-alive') fields.keepAlive += `,${value}`;
  else if (name === 'retry-after') fields.retryAfter ??= value.trim();
}

function lengthOf({ contentLength, transferEncoding }: Fields): BodyLength {
  if (transferEncoding !== null) {
    if (contentLength !== null) throw AnswerError.malformed('it gives a length, and chunks');
    return CHUNKED_AT_LAST.test(transferEncoding) ? 'chunked' : 'until close';
  }
  if (contentLength === null) return 'until close';
  const length = CONTENT_LENGTH.test(contentLength) ? Number(contentLength) : Number.NaN;
  if (!Number.isSafeInteger(length)) throw AnswerError.malformed('its length is malformed');
  return length;
}

/** Returns whether the connection can be used again: RFC 9112 section 9.3. */
function isPersistent(isHttp11: boolean, connection: string): boolean {
  if (connection === '') return isHttp11;
  return !CLOSE.test(connection) && (isHttp11 || KEEP_ALIVE.test(connection));
}

function secondsOf(keepAlive: string): number | null {
  const match = keepAlive === '' ? null : KEEP_ALIVE_TIMEOUT.exec(keepAlive);
  return match && Number(match[1]);
}

/**
 * Checks the trailers of a chunked body, which are otherwise ignored.
 * @param text the trailers in Latin-1, including the empty line at their end
 * @throws AnswerError if the trailers are malformed
 */
export function checkTrailers(text: string): void {
  if (text !== '\r\n' && !TRAILERS.test(text)) throw AnswerError.malformed('its trailers are malformed');
}

function malformed(text: string): AnswerError {
  return AnswerError.malformed(
    STATUS_LINE.test(text) ? 'a header of it is malformed' : 'its status line is malformed',
  );
}
