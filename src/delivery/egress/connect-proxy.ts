import type { Socket } from 'node:net';
import { buildConnector, Client } from 'undici';
import { lookupBy, type Resolver } from './dns-resolver.ts';
import type { Destination } from './origin.ts';
import type { EgressPolicy } from './policy.ts';
import type { EgressProxy } from './proxy.ts';
import { ProxyError } from './proxy-error.ts';

export interface ConnectProxyOptions {
  readonly proxy: EgressProxy;
  readonly egress: EgressPolicy;
  /** Resolver for the proxy's own host name. The proxy is allowed to have a private address. */
  readonly resolver: Resolver;
  /** Time limit of a whole exchange with a receiver, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Part of an exchange's time limit in which the proxy must open a tunnel. Less than 1, so that a slow proxy
 * is reported before the exchange times out.
 */
const SHARE_OF_EXCHANGE = 3 / 4;
/**
 * Statuses with which the proxy says that an address could not be reached. `ConnectProxy` then tries the
 * receiver's next address.
 */
const UNREACHABLE_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Connects to receivers through a forward proxy, with CONNECT (RFC 9110, section 9.3.6), for both http and
 * https. The proxy gets an address that the egress policy has checked, and never the receiver's name, because
 * the proxy could resolve the name to another address. With https, TLS verifies the name.
 */
export class ConnectProxy {
  readonly #options: ConnectProxyOptions;
  readonly #toProxy: buildConnector.connector;
  /**
   * undici's clients of the CONNECT requests in flight. Each request needs its own client, because undici
   * removes the connection from the client and hands the connection to the caller.
   */
  readonly #clients = new Set<Client>();

  constructor(options: ConnectProxyOptions) {
    const { resolver, timeoutMs: timeout } = options;
    this.#options = options;
    const lookup = lookupBy((name) => resolver.resolve(name));
    this.#toProxy = buildConnector({ lookup, timeout, allowH2: false });
  }

  /**
   * Ends the CONNECT requests in flight. Does not close open tunnels, because open tunnels belong to the
   * caller of `open`.
   */
  async close(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.destroy()));
  }

  /** Opens a tunnel to the first of the receiver's addresses that the proxy can reach. */
  readonly open = async ({ hostname, port }: Destination): Promise<Socket> => {
    const deadline = performance.now() + this.#options.timeoutMs * SHARE_OF_EXCHANGE;
    const addresses = await this.#options.egress.vetted(hostname);
    let failure = new ProxyError('connection', "the receiver's name has no address");
    for (const { address, family } of addresses) {
      const host = family === 6 ? `[${address}]` : address;
      const answer = await this.#requestTunnel(`${host}:${port}`, deadline);
      if (answer.statusCode >= 200 && answer.statusCode < 300) return answer.socket;
      failure = this.#refusal(answer.statusCode);
      if (!UNREACHABLE_STATUSES.has(answer.statusCode)) break;
    }
    throw failure;
  };

  /** Sends one CONNECT request. The returned socket is usable only if the status is 2xx. */
  async #requestTunnel(authority: string, deadline: number): Promise<{ statusCode: number; socket: Socket }> {
    const { proxy, timeoutMs } = this.#options;
    const client = new Client(proxy.origin, {
      connect: this.#toProxy,
      allowH2: false,
      // Turns undici's own time limits off, because one timer limits the whole request.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#clients.add(client);
    // The failure is the proxy's, and so our own, until the proxy is connected. Afterwards, the proxy might have
    // failed because of the receiver.
    let isOwn = true;
    client.once('connect', () => {
      isOwn = false;
    });
    const seconds = (timeoutMs * SHARE_OF_EXCHANGE) / 1000;
    const message = `the egress proxy did not open a connection to the receiver within ${seconds} s`;
    let late: ProxyError | null = null;
    const end = () => {
      late = new ProxyError('timeout', message, { isOwn });
      void client.destroy(late);
    };
    const timer = setTimeout(end, deadline - performance.now());
    try {
      const headers = { ...proxy.headers, host: authority };
      const { statusCode, socket } = await client.connect({ path: authority, headers });
      if (statusCode < 200 || statusCode >= 300) socket.on('error', () => undefined).destroy();
      return { statusCode, socket: socket as Socket };
    } catch (error) {
      // Throws a `ProxyError` instead of undici's error, because undici reconnects forever if a connector
      // fails with UND_ERR_SOCKET.
      throw error === late ? error : ProxyError.because(error as Error, isOwn);
    } finally {
      clearTimeout(timer);
      this.#clients.delete(client);
      void client.destroy();
    }
  }

  #refusal(status: number): ProxyError {
    if (status === 407) {
      const { hasCredentials } = this.#options.proxy;
      const what = hasCredentials ? 'refused the credentials of this service' : 'asks for credentials';
      return new ProxyError('connection', `the egress proxy ${what} (it answered 407)`, { isOwn: true });
    }
    const what = UNREACHABLE_STATUSES.has(status) ? 'could not' : 'refused to';
    return new ProxyError(
      'connection',
      `the egress proxy ${what} connect to the receiver (it answered ${status})`,
    );
  }
}
