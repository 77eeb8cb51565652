import { isIP, type LookupFunction, connect as openTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as openTls } from 'node:tls';
import type { Destination } from '../egress/origin.ts';

/** Receives what a socket reads: the first `length` bytes of `buffer`. */
export type ReadCallback = (length: number, buffer: Buffer) => void;

/** Maximum number of TLS sessions that are kept. The oldest one is evicted first. */
const MAX_SESSIONS = 1_000;
/** Milliseconds for which a connection is idle before TCP probes whether the other side is still there. */
const TCP_PROBE_MS = 60_000;

/**
 * Buffer of what is read, which all sockets share: a piece is taken while it is read, before another socket reads.
 */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Opens sockets, and resumes TLS sessions. */
export class SocketOpener {
  readonly #lookup: LookupFunction;
  readonly #sessions = new Map<string, Buffer>();

  constructor(lookup: LookupFunction) {
    this.#lookup = lookup;
  }

  /** Begins to open a socket. It emits `connect`, or `secureConnect` with TLS, and calls `onRead` from then on. */
  open({ protocol, hostname: host, port }: Destination, onRead: ReadCallback): Socket {
    const options = {
      ...{ host, port, lookup: this.#lookup },
      ...{ noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_PROBE_MS },
      onread: {
        buffer: readBuffer,
        callback: (length: number, buffer: Uint8Array) => {
          onRead(length, buffer as Buffer);
          return true;
        },
      },
    };
    return protocol === 'https:' ? this.#openTls(options, `${host}:${port}`) : openTcp(options);
  }

  /** Begins TLS within an open connection, as `open` does with one of its own. */
  secure(socket: Socket, { hostname: host, port }: Destination): Socket {
    return this.#openTls({ socket, host }, `${host}:${port}`);
  }

  #openTls(options: ConnectionOptions & { host: string }, key: string): Socket {
    const session = this.#sessions.get(key);
    const socket = openTls({
      ...options,
      ...(session && { session }),
      // An IP address is not allowed as a server name: RFC 6066 section 3.
      servername: isIP(options.host) === 0 ? options.host : '',
      ALPNProtocols: ['http/1.1'],
    });
    socket.on('session', (ticket) => this.#keepSession(key, ticket));
    return socket;
  }

  #keepSession(key: string, session: Buffer): void {
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    if (this.#sessions.size <= MAX_SESSIONS) return;
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined) this.#sessions.delete(oldest);
  }
}
