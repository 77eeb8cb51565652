import { originOf } from '../egress/origin.ts';
import { headerLines, requestLines } from './request-head.ts';

/** Where requests are sent, and the headers that all of them have. Their part of the head is made once. */
export class RequestTarget {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query, as they are sent. */
  readonly path: string;
  readonly #headers: Readonly<Record<string, string>>;
  #head: string | null = null;

  /** @param url URL without a fragment, serialized by `URL` */
  constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.origin = originOf(url);
    this.path = url.slice(this.origin.length) || '/';
    this.#headers = headers;
  }

  /**
   * Returns the beginning of a request's head: the request line, `host`, `connection` and the target's headers.
   * @param host host of the origin, as the header `host` has it
   * @throws TypeError if the path or a header has a character that is not allowed
   */
  head(host: string): string {
    this.#head ??= requestLines(host, this.path) + headerLines(this.#headers);
    return this.#head;
  }
}
