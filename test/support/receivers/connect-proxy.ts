import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Certificate } from './certificates.ts';

/** A CONNECT request that the proxy got. */
export interface Asked {
  /** Target of the CONNECT: `address:port`. */
  readonly authority: string;
  readonly host: string | undefined;
  readonly authorization: string | undefined;
}

/**
 * Decides the answer to a CONNECT. Returns the port of this machine to which the proxy tunnels, or answers
 * itself.
 */
export type ConnectAnswer = (asked: Asked, socket: Duplex) => number | undefined;

/** Returns a `ConnectAnswer` that answers with this status and closes the connection. */
export function refusing(status: number, headers = ''): ConnectAnswer {
  return (_asked, socket) => void socket.end(`HTTP/1.1 ${status} No\r\n${headers}content-length: 0\r\n\r\n`);
}

/**
 * Forward proxy on the loopback interface, over TLS if it has a certificate. It connects to the port that
 * `answer` returns, whatever the target of the CONNECT is.
 */
export class TestConnectProxy {
  readonly asked: Asked[] = [];
  /** Number of requests other than CONNECT. */
  forwarded = 0;
  answer: ConnectAnswer;
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();
  readonly #scheme: string;

  private constructor(answer: ConnectAnswer, certificate?: Certificate) {
    this.answer = answer;
    this.#scheme = certificate ? 'https' : 'http';
    this.#server = certificate ? createTlsServer(certificate) : createHttpServer();
    this.#server.on('connect', (request, socket, head) => this.#take(request, socket, head));
    this.#server.on('request', (_request, response) => {
      this.forwarded += 1;
      response.writeHead(405).end();
    });
  }

  static async start(answer: ConnectAnswer, certificate?: Certificate): Promise<TestConnectProxy> {
    const proxy = new TestConnectProxy(answer, certificate);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Returns the URL of the proxy. @param userinfo `user:password` */
  url(userinfo?: string, host = '127.0.0.1'): string {
    return `${this.#scheme}://${userinfo ? `${userinfo}@` : ''}${host}:${this.port}`;
  }

  /** Number of connections that are still open. */
  get open(): number {
    return this.#sockets.size;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close().closeAllConnections();
  }

  #take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    const asked = {
      authority: request.url ?? '',
      host: request.headers.host,
      authorization: request.headers['proxy-authorization'],
    };
    this.asked.push(asked);
    const port = this.answer(asked, socket);
    if (port === undefined) {
      // The socket is read, because otherwise the proxy would not notice when the client ends it.
      socket.on('end', () => socket.end()).resume();
      return;
    }
    const target = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('close', () => target.destroy());
    target.on('close', () => socket.destroy());
  }
}
