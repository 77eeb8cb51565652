import { Agent, buildConnector } from 'undici';
import { Slots } from '../../platform/slots.ts';
import type { ConnectProxy } from '../egress/connect-proxy.ts';
import { originOf } from '../egress/origin.ts';
import type { EgressPolicy } from '../egress/policy.ts';
import { type Exchange, ExchangeHandler } from './exchange.ts';

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
}

/**
 * Sends POST requests to receivers over kept-alive connections, only to addresses that the egress policy
 * allows.
 */
export class Sender {
  readonly #agent: Agent;
  readonly #connectProxy: ConnectProxy | null;
  readonly #timeoutMs: number;
  readonly #exchanges = new Slots<ExchangeHandler>();

  constructor({ egress, timeoutMs, connectProxy = null }: SenderOptions) {
    const connect =
      connectProxy?.connect ?? buildConnector({ lookup: egress.lookup, timeout: timeoutMs, allowH2: false });
    this.#connectProxy = connectProxy;
    this.#agent = new Agent({
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
        connect(options, callback);
      },
    });
    this.#timeoutMs = timeoutMs;
  }

  /** Sends one POST request. Never rejects. @param url URL without a fragment, serialized by `URL` */
  post(url: string, headers: Record<string, string>, body: string): Promise<Exchange> {
    return new Promise((resolve) => {
      const handler = new ExchangeHandler(this.#timeoutMs, (exchange) => {
        this.#exchanges.remove(slot);
        resolve(exchange);
      });
      const slot = this.#exchanges.add(handler);
      try {
        const origin = originOf(url);
        const path = url.slice(origin.length);
        this.#agent.dispatch({ origin, path, method: 'POST', headers, body }, handler);
      } catch (error) {
        handler.end(error as Error);
      }
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
    await Promise.all([this.#agent.destroy(), this.#connectProxy?.close()]);
  }
}
