import { Deadlines } from '../../platform/deadlines.ts';
import { Slots } from '../../platform/slots.ts';
import type { Suspensions } from '../../platform/suspensions.ts';
import { connectDirectly, connectThrough } from '../client/connecting.ts';
import { HttpClient, type HttpClientOptions, type PostRequest } from '../client/http-client.ts';
import { SocketOpener } from '../client/open-socket.ts';
import type { KeepAlive } from '../client/origin.ts';
import { RequestTarget } from '../client/request-target.ts';
import type { ConnectProxy } from '../egress/connect-proxy.ts';
import type { OwnInboxes } from '../egress/own-inboxes.ts';
import type { EgressPolicy } from '../egress/policy.ts';
import { type Exchange, type ExchangeOptions, RunningExchange } from './exchange.ts';
import type { OwnTrouble } from './own-trouble.ts';

export interface SenderOptions {
  readonly egress: EgressPolicy;
  /**
   * Time limit of an exchange in milliseconds, from the start of connecting to the last byte of the answer.
   */
  readonly timeoutMs: number;
  /**
   * Proxy through which the sender connects to receivers. `null`: the sender connects directly. Closing the
   * sender also closes the proxy's connections.
   */
  readonly connectProxy?: ConnectProxy | null;
  /** Inboxes of this service; `null`: there are no inboxes. */
  readonly inboxes?: OwnInboxes | null;
  /**
   * State of our own resources. It is notified of each new connection, and of each request that could not be sent
   * for a cause on our own side.
   */
  readonly ownTrouble?: Pick<OwnTrouble, 'note' | 'noteConnected'>;
  /** Tells whether the machine was suspended during an exchange. Left out: it never is. */
  readonly suspensions?: Pick<Suspensions, 'hasBeenSince'>;
}

const KEEP_ALIVE: KeepAlive = {
  // Shorter than the shortest time after which receivers are known to close a connection without having announced
  // it: gunicorn's gthread worker does so after 2 s.
  unannouncedMs: 1_500,
  // A request needs some time to arrive.
  marginMs: 1_000,
  // Idle connections must not use up the file descriptors.
  maxMs: 30_000,
  // Half of this number is as many as there are requests at once.
  maxIdle: 2_000,
};

/**
 * Sends POST requests to receivers over kept-alive connections, only to addresses that the egress policy
 * allows.
 */
export class Sender {
  readonly #client: HttpClient;
  readonly #connectProxy: ConnectProxy | null;
  readonly #ownTrouble: SenderOptions['ownTrouble'];
  readonly #exchangeOptions: ExchangeOptions;
  readonly #exchanges = new Slots<RunningExchange>();

  /** Client of requests to our own inboxes, whose connections carry nothing else. `null`: no request was for an inbox yet. */
  #inboxClient: HttpClient | null = null;
  readonly #opener: SocketOpener;
  readonly #inboxes: OwnInboxes | null;

  constructor({
    egress,
    timeoutMs,
    connectProxy = null,
    inboxes = null,
    ownTrouble,
    suspensions,
  }: SenderOptions) {
    const opener = new SocketOpener(egress.lookup);
    const connect = connectProxy ? connectThrough(connectProxy.open, opener) : connectDirectly(opener);
    this.#connectProxy = connectProxy;
    this.#opener = opener;
    this.#inboxes = inboxes;
    this.#ownTrouble = ownTrouble;
    this.#client = new HttpClient({
      keepAlive: KEEP_ALIVE,
      connect: (destination, connection) => {
        try {
          // Checks the destination before connecting. If the URL has an IP address instead of a name, this is
          // the only check, because no look-up is made.
          egress.check({ ...destination, port: String(destination.port) });
        } catch (error) {
          connection.abandon(error as Error);
          return;
        }
        connect(destination, connection, () => {
          ownTrouble?.noteConnected();
          connection.onOpen();
        });
      },
    });
    this.#exchangeOptions = {
      timeoutMs,
      deadlines: new Deadlines({ afterMs: timeoutMs, now: () => performance.now() }),
      wasSuspendedSince: (startedAt) => suspensions?.hasBeenSince(startedAt) ?? false,
      send: (exchange, isFresh) =>
        this.#clientFor(exchange.request).send(exchange.request, exchange, isFresh),
    };
  }

  /** Sends one POST request. Never throws. Calls `onEnd` when the exchange has ended, possibly before it returns. */
  send(request: PostRequest, onEnd: (exchange: Exchange) => void): void {
    const exchange = new RunningExchange(request, this.#exchangeOptions, (ended) => {
      this.#exchanges.remove(slot);
      if (ended.ownCause !== null) this.#ownTrouble?.note(ended.ownCause, ended.error);
      onEnd(ended);
    });
    const slot = this.#exchanges.add(exchange);
    exchange.start();
  }

  /**
   * Sends one POST request to a target of its own. Never rejects.
   * @param url URL without a fragment, serialized by `URL`
   */
  post(url: string, headers: Record<string, string>, body: string): Promise<Exchange> {
    const target = new RequestTarget(url, headers);
    return new Promise((resolve) => this.send({ target, headers: {}, body }, resolve));
  }

  #clientFor({ target: { origin, path } }: PostRequest): HttpClient {
    if (!this.#inboxes?.isInbox(origin, path)) return this.#client;
    this.#inboxClient ??= new HttpClient({
      keepAlive: KEEP_ALIVE,
      connect: connectTo(this.#inboxes, this.#opener),
    });
    return this.#inboxClient;
  }

  /** Number of exchanges in flight. */
  get inFlight(): number {
    return this.#exchanges.size;
  }

  /** Ends the exchanges in flight, and marks their results as interrupted. */
  interrupt(): void {
    for (const exchange of this.#exchanges.all()) exchange.interrupt();
  }

  /** Closes all connections. Requests in flight end as failed. */
  async close(): Promise<void> {
    this.#client.close();
    this.#inboxClient?.close();
    await this.#connectProxy?.close();
  }
}

/** Connects to the server of this process, whatever the destination is. */
function connectTo({ destination }: OwnInboxes, opener: SocketOpener): HttpClientOptions['connect'] {
  const connect = connectDirectly(opener);
  return (_destination, connection) => {
    if (destination) connect(destination, connection, () => connection.onOpen());
    else connection.abandon(new Error('the service does not listen yet'));
  };
}
