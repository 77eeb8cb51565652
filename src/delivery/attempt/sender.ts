import { Agent, buildConnector } from 'undici';
import { Slots } from '../../platform/slots.ts';
import type { ConnectProxy } from '../egress/connect-proxy.ts';
import { originOf } from '../egress/origin.ts';
import type { EgressPolicy } from '../egress/policy.ts';
import { type Exchange, ExchangeHandler } from './exchange.ts';

export interface SenderOptions {
  readonly egress: EgressPolicy;
  /** Milliseconds from the start of connecting to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Proxy through which receivers are reached. The sender closes it. */
  readonly connectProxy?: ConnectProxy | null;
}

/** Sends POST requests to receivers over kept-alive connections, only to addresses that the egress policy allows. */
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
      // `ExchangeHandler` bounds the whole exchange by one timer.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, callback) => {
        try {
          // For a literal address this is the only check, because it is never looked up.
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

  /** Sends one request. Never rejects. @param url as `URL` serializes it, without a fragment */
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

  /** Ends the exchanges in flight. */
  interrupt(): void {
    for (const handler of this.#exchanges.all()) handler.interrupt();
  }

  /** Closes all connections. Requests in flight end as failed. */
  async close(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#connectProxy?.close()]);
  }
}
