import { Agent, buildConnector } from 'undici';
import { Slots } from '../../platform/slots.ts';
import type { Suspensions } from '../../platform/suspensions.ts';
import type { ConnectProxy } from '../egress/connect-proxy.ts';
import { originOf } from '../egress/origin.ts';
import type { EgressPolicy } from '../egress/policy.ts';
import { type Exchange, ExchangeHandler, type ExchangeOptions } from './exchange.ts';
import { readContinueAsHints } from './interim-answers.ts';
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
  /**
   * State of our own resources. It is notified of each new connection, and of each request that could not be sent
   * for a cause on our own side.
   */
  readonly ownTrouble?: Pick<OwnTrouble, 'note' | 'noteConnected'>;
  /** Tells whether the machine was suspended during an exchange. Left out: it never is. */
  readonly suspensions?: Pick<Suspensions, 'hasBeenSince'>;
}

/**
 * Milliseconds for which an idle connection is kept if the receiver does not announce how long it keeps the
 * connection. Shorter than the shortest time after which receivers are known to close a connection without
 * having announced it: gunicorn's gthread worker does so after 2 s.
 */
const KEEP_ALIVE_MS = 1_500;
/**
 * Milliseconds by which an idle connection is closed earlier than the receiver announced with
 * `Keep-Alive: timeout=`, because a request needs some time to arrive.
 */
const KEEP_ALIVE_MARGIN_MS = 1_000;
/**
 * Maximum milliseconds for which an idle connection is kept, whatever the receiver announces, so that idle
 * connections do not use up the file descriptors.
 */
const MAX_KEEP_ALIVE_MS = 30_000;

/**
 * Sends POST requests to receivers over kept-alive connections, only to addresses that the egress policy
 * allows.
 */
export class Sender {
  readonly #agent: Agent;
  /** Agent that opens a connection for each request. */
  readonly #freshAgent: Agent;
  readonly #connectProxy: ConnectProxy | null;
  readonly #ownTrouble: SenderOptions['ownTrouble'];
  readonly #exchangeOptions: ExchangeOptions;
  readonly #exchanges = new Slots<ExchangeHandler>();
  /**
   * Whether a connection has just been opened. undici starts the first request of a connection before the
   * call that hands the connection over returns, and every other request at another time.
   */
  #isConnectionFresh = false;

  constructor({ egress, timeoutMs, connectProxy = null, ownTrouble, suspensions }: SenderOptions) {
    const connect =
      connectProxy?.connect ?? buildConnector({ lookup: egress.lookup, timeout: timeoutMs, allowH2: false });
    this.#connectProxy = connectProxy;
    this.#ownTrouble = ownTrouble;
    this.#exchangeOptions = {
      timeoutMs,
      isConnectionFresh: () => this.#isConnectionFresh,
      wasSuspendedSince: (startedAt) => suspensions?.hasBeenSince(startedAt) ?? false,
      sendAgain: (handler) => dispatch(this.#freshAgent, handler),
    };
    const options: Agent.Options = {
      allowH2: false,
      // Turns undici's own time limits off, because `ExchangeHandler` limits the whole exchange with one
      // timer.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, callback) => {
        try {
          // Checks the destination before connecting. If the URL has an IP address instead of a name, this is
          // the only check, because no look-up is made.
          egress.check(options);
        } catch (error) {
          callback(error as Error, null);
          return;
        }
        connect(options, (...result) => {
          const [error, socket] = result;
          if (error === null) {
            ownTrouble?.noteConnected();
            readContinueAsHints(socket);
          }
          this.#handOver(() => callback(...result));
        });
      },
    };
    this.#agent = new Agent({
      ...options,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
      keepAliveMaxTimeout: MAX_KEEP_ALIVE_MS,
    });
    this.#freshAgent = new Agent({ ...options, pipelining: 0 });
  }

  /** Sends one POST request. Never rejects. @param url URL without a fragment, serialized by `URL` */
  post(url: string, headers: Record<string, string>, body: string): Promise<Exchange> {
    return new Promise((resolve) => {
      const origin = originOf(url);
      const request = { origin, path: url.slice(origin.length), method: 'POST', headers, body } as const;
      const handler = new ExchangeHandler(request, this.#exchangeOptions, (exchange) => {
        this.#exchanges.remove(slot);
        if (exchange.ownCause !== null) this.#ownTrouble?.note(exchange.ownCause, exchange.error);
        resolve(exchange);
      });
      const slot = this.#exchanges.add(handler);
      dispatch(this.#agent, handler);
    });
  }

  /** Number of exchanges in flight. */
  get inFlight(): number {
    return this.#exchanges.size;
  }

  /** Ends the exchanges in flight, and marks their results as interrupted. */
  interrupt(): void {
    for (const handler of this.#exchanges.all()) handler.interrupt();
  }

  /** Closes all connections. Requests in flight end as failed. */
  async close(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#freshAgent.destroy(), this.#connectProxy?.close()]);
  }

  /** Calls `handOver`, which gives undici a new connection or the error of connecting. */
  #handOver(handOver: () => void): void {
    this.#isConnectionFresh = true;
    try {
      handOver();
    } finally {
      this.#isConnectionFresh = false;
    }
  }
}

function dispatch(agent: Agent, handler: ExchangeHandler): void {
  try {
    agent.dispatch(handler.request, handler);
  } catch (error) {
    handler.end(error as Error);
  }
}
