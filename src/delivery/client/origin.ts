import type { Destination } from '../egress/origin.ts';
import type { AnswerHead } from './answer-head.ts';
import { Connection, type ConnectionOwner, type ExchangeSink, type WrittenRequest } from './connection.ts';

/** Opens a socket to `destination` for `connection`, or abandons the connection with an error. */
export type ConnectTo = (destination: Destination, connection: Connection) => void;

/** Limits of the time for which idle connections are kept, in milliseconds. */
export interface KeepAlive {
  /** Limit if the receiver does not say how long it keeps a connection. */
  readonly unannouncedMs: number;
  /** Milliseconds by which a connection is closed earlier than the receiver says that it closes it. */
  readonly marginMs: number;
  /** Maximum limit, whatever the receiver says. */
  readonly maxMs: number;
  /**
   * Maximum number of idle connections to all receivers, because receivers that announce long times would otherwise use up
   * the file descriptors. Each sweep closes those that have been idle for the longest, until half of this number is left.
   */
  readonly maxIdle: number;
}

/** Number of idle connections of all origins. */
export interface IdleCount {
  count: number;
}

export interface OriginOptions {
  readonly connect: ConnectTo;
  readonly keepAlive: KeepAlive;
  readonly idle: IdleCount;
  /** Called when the first of the connections begins to open. */
  readonly onUsed: (origin: Origin) => void;
  /** Called when the last of the connections was closed. */
  readonly onUnused: (origin: Origin) => void;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** Scheme, host and port of receivers, and the connections to them. */
export class Origin implements ConnectionOwner {
  /** The origin as text. */
  readonly name: string;
  /** Value of the header `host`. */
  readonly host: string;
  readonly #destination: Destination;
  readonly #options: OriginOptions;
  readonly #connections = new Set<Connection>();
  /** Idle connections. The one that was used last comes last. */
  readonly #idle: Connection[] = [];

  /** @throws TypeError if `name` is not the origin of an http or https URL */
  constructor(name: string, options: OriginOptions) {
    const { protocol, hostname, port, host } = new URL(name);
    const defaultPort = DEFAULT_PORTS[protocol];
    if (defaultPort === undefined) throw new TypeError('the URL is neither http nor https');
    this.name = name;
    this.host = host;
    this.#destination = {
      protocol,
      hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
      port: port === '' ? defaultPort : Number(port),
    };
    this.#options = options;
  }

  /** Sends a request over an idle connection if there is one, otherwise over a fresh one. */
  send(request: WrittenRequest, sink: ExchangeSink): Connection {
    const now = performance.now();
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      this.#options.idle.count -= 1;
      if (idle.idleUntil > now) {
        idle.send(request, sink);
        return idle;
      }
      idle.close();
    }
    return this.sendFresh(request, sink);
  }

  /** Sends a request over a connection that is opened for it. */
  sendFresh(request: WrittenRequest, sink: ExchangeSink): Connection {
    const connection = new Connection(this, request, sink);
    if (this.#connections.size === 0) this.#options.onUsed(this);
    this.#connections.add(connection);
    this.#options.connect(this.#destination, connection);
    return connection;
  }

  onIdle(connection: Connection, { keepAliveS }: AnswerHead): void {
    const { idle, keepAlive } = this.#options;
    const { unannouncedMs, marginMs, maxMs, maxIdle } = keepAlive;
    const ms = keepAliveS === null ? unannouncedMs : Math.min(keepAliveS * 1_000 - marginMs, maxMs);
    if (ms <= 0 || idle.count >= maxIdle) {
      connection.close();
      return;
    }
    connection.idleSince = performance.now();
    connection.idleUntil = connection.idleSince + ms;
    idle.count += 1;
    this.#idle.push(connection);
  }

  onClosed(connection: Connection): void {
    const index = this.#idle.lastIndexOf(connection);
    if (index >= 0) {
      this.#idle.splice(index, 1);
      this.#options.idle.count -= 1;
    }
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#options.onUnused(this);
  }

  get idle(): readonly Connection[] {
    return this.#idle;
  }

  /** Closes the connections that have been idle for too long. */
  sweep(now: number): void {
    for (const connection of this.#idle.filter(({ idleUntil }) => idleUntil <= now)) connection.close();
  }

  /** Closes all connections. Exchanges that they carry fail. */
  closeAll(error: Error): void {
    for (const connection of [...this.#connections]) connection.abandon(error);
  }
}
