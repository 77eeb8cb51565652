import type { Socket } from 'node:net';
import { buildConnector, Client } from 'undici';
import { ProxyError } from '../attempt/explain-failure.ts';
import { lookupBy, type Resolver } from './dns-resolver.ts';
import type { EgressPolicy } from './policy.ts';
import type { EgressProxy } from './proxy.ts';

export interface ConnectProxyOptions {
  readonly proxy: EgressProxy;
  readonly egress: EgressPolicy;
  /** Resolves the proxy's own name, which may be private. */
  readonly resolver: Resolver;
  /** For a whole exchange, in milliseconds. */
  readonly timeoutMs: number;
}

/** Of an exchange's time, what a tunnel may take: that the proxy is at fault is said before the exchange ends. */
const PART_OF_EXCHANGE = 3 / 4;
/** The proxy did not reach the address; it may reach the name's next one: by IPv6 where it has no IPv4, say. */
const UNREACHED_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Connects to receivers through a forward proxy, by CONNECT (RFC 9110, section 9.3.6), for http and https alike.
 * The proxy is told a vetted address, never the name, which it could resolve otherwise; TLS is with the name.
 */
export class ConnectProxy {
  readonly #options: ConnectProxyOptions;
  readonly #toProxy: buildConnector.connector;
  readonly #secure: buildConnector.connector;
  /** One for each CONNECT under way: undici hands its connection over, and another is made for the next. */
  readonly #opening = new Set<Client>();

  constructor(options: ConnectProxyOptions) {
    const { resolver, timeoutMs: timeout } = options;
    this.#options = options;
    const lookup = lookupBy((name) => resolver.resolve(name));
    this.#toProxy = buildConnector({ lookup, timeout, allowH2: false });
    this.#secure = buildConnector({ timeout, allowH2: false });
  }

  /** Takes the place of undici's own connector. */
  readonly connect: buildConnector.connector = (options, callback) => {
    this.#open(options).then(
      (socket) => {
        if (options.protocol !== 'https:') callback(null, socket);
        else this.#secure({ ...options, httpSocket: socket }, callback);
      },
      (error: Error) => callback(error, null),
    );
  };

  /** Gives up the tunnels that are being opened; those that are open belong to who asked for them. */
  async close(): Promise<void> {
    await Promise.all([...this.#opening].map((client) => client.destroy()));
  }

  /** A connection to the first of the receiver's addresses that the proxy reaches. */
  async #open({ hostname, port, protocol }: buildConnector.Options): Promise<Socket> {
    const deadline = performance.now() + this.#options.timeoutMs * PART_OF_EXCHANGE;
    const addresses = await this.#options.egress.vetted(hostname);
    let unreached = new ProxyError('connection', "the receiver's name has no address");
    for (const { address, family } of addresses) {
      const host = family === 6 ? `[${address}]` : address;
      const answer = await this.#ask(`${host}:${port || (protocol === 'https:' ? 443 : 80)}`, deadline);
      if (answer.statusCode >= 200 && answer.statusCode < 300) return answer.socket;
      unreached = this.#refused(answer.statusCode);
      if (!UNREACHED_STATUSES.has(answer.statusCode)) break;
    }
    throw unreached;
  }

  /** The proxy's answer to CONNECT, with a connection that is good for use where the status is a 2xx. */
  async #ask(authority: string, deadline: number): Promise<{ statusCode: number; socket: Socket }> {
    const { proxy, timeoutMs } = this.#options;
    const client = new Client(proxy.origin, {
      connect: this.#toProxy,
      allowH2: false,
      // The timer below bounds the whole.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#opening.add(client);
    const late = new ProxyError(
      'timeout',
      `the egress proxy did not open a connection to the receiver within ${(timeoutMs * PART_OF_EXCHANGE) / 1000} s`,
    );
    const timer = setTimeout(() => void client.destroy(late), deadline - performance.now());
    try {
      const headers = { ...proxy.headers, host: authority };
      const { statusCode, socket } = await client.connect({ path: authority, headers });
      if (statusCode < 200 || statusCode >= 300) socket.on('error', () => undefined).destroy();
      return { statusCode, socket: socket as Socket };
    } catch (error) {
      // Never undici's own error: it takes UND_ERR_SOCKET from a connector for a reason to connect again, for ever.
      throw error === late ? late : ProxyError.because(error as Error);
    } finally {
      clearTimeout(timer);
      this.#opening.delete(client);
      void client.destroy();
    }
  }

  #refused(status: number): ProxyError {
    if (status === 407) {
      const { hasCredentials } = this.#options.proxy;
      const what = hasCredentials ? 'refused the credentials of this service' : 'asks for credentials';
      return new ProxyError('connection', `the egress proxy ${what} (it answered 407)`);
    }
    const what = UNREACHED_STATUSES.has(status) ? 'could not' : 'refused to';
    return new ProxyError(
      'connection',
      `the egress proxy ${what} connect to the receiver (it answered ${status})`,
    );
  }
}
