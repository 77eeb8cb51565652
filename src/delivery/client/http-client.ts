import type { Connection, ExchangeSink } from './connection.ts';
import { type ConnectTo, type IdleCount, type KeepAlive, Origin } from './origin.ts';
import { headerLines } from './request-head.ts';
import type { RequestTarget } from './request-target.ts';

/** A POST request to a receiver. */
export interface PostRequest {
  readonly target: RequestTarget;
  /** Headers of this request alone. They come after the target's. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpClientOptions {
  readonly connect: ConnectTo;
  readonly keepAlive: KeepAlive;
}

/** Milliseconds between two looks for connections that have been idle for too long. */
const SWEEP_MS = 500;

/**
 * Client of HTTP/1.1 that sends POST requests over kept connections, one at a time on each. It opens as many
 * connections as there are requests at once, because its caller limits those.
 */
export class HttpClient {
  readonly #options: HttpClientOptions;
  /** Origins to which there is a connection. */
  readonly #origins = new Map<string, Origin>();
  readonly #idle: IdleCount = { count: 0 };
  #sweeper: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /**
   * Sends a request.
   * @param isFresh whether the connection must be one that is opened for this request
   * @returns the connection that carries the request. Closing it ends the exchange without a call of `sink`
   * @throws TypeError if the URL or a header is malformed
   */
  send({ target, headers, body }: PostRequest, sink: ExchangeSink, isFresh: boolean): Connection {
    if (this.#isClosed) throw new Error('the client is closed');
    const origin = this.#origins.get(target.origin) ?? this.#newOrigin(target.origin);
    const bytes = Buffer.byteLength(body);
    const head = `${target.head(origin.host)}${headerLines(headers)}content-length: ${bytes}\r\n\r\n`;
    // Only a text of ASCII has as many bytes as characters.
    const request = { head, body, isBodyAscii: bytes === body.length };
    return isFresh ? origin.sendFresh(request, sink) : origin.send(request, sink);
  }

  /** Closes all connections. Requests in flight fail. */
  close(): void {
    this.#isClosed = true;
    if (this.#sweeper !== null) clearInterval(this.#sweeper);
    const error = new Error('the client was closed');
    for (const origin of [...this.#origins.values()]) origin.closeAll(error);
  }

  #newOrigin(name: string): Origin {
    return new Origin(name, {
      ...this.#options,
      idle: this.#idle,
      onUsed: (origin) => {
        this.#origins.set(name, origin);
        // The interval keeps no process alive, and does nothing while no connection is idle.
        this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
      },
      onUnused: () => {
        this.#origins.delete(name);
        if (this.#origins.size > 0 || this.#sweeper === null) return;
        clearInterval(this.#sweeper);
        this.#sweeper = null;
      },
    });
  }

  #sweep(): void {
    const now = performance.now();
    for (const origin of this.#origins.values()) origin.sweep(now);
    const excess = this.#idle.count - this.#options.keepAlive.maxIdle / 2;
    if (excess <= 0) return;
    const idle = [...this.#origins.values()].flatMap((origin) => [...origin.idle]);
    idle.sort((a, b) => a.idleSince - b.idleSince);
    for (const connection of idle.slice(0, Math.ceil(excess))) connection.close();
  }
}
