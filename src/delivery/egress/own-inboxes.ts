import { isIP } from 'node:net';
import { type Destination, originOf } from './origin.ts';

/** The path of an inbox ends with its token: 32 random bytes in base64url. */
const INBOX_PATH = /^\/inbox\/[\w-]{43}$/;

/** Where the server of this process listens, and the URL at which clients reach it. */
export interface OwnServer {
  readonly publicUrl: string;
  /** URL of the address on which the server listens. */
  readonly listeningUrl: string;
}

/**
 * Knows the URLs of this service's own inboxes. Webhooks may use them although the service may run at an address that webhooks
 * must not reach. Requests to them go to the server of this process and nowhere else: no name is resolved, and their connections
 * carry no other requests. So they reach the route of inboxes, whatever the public URL leads to.
 */
export class OwnInboxes {
  #origin: string | null = null;
  /** Path before that of an inbox, if the public URL has one. */
  #base = '';
  #destination: Destination | null = null;

  /** Is called once the server listens. Until then, no URL is that of an inbox. */
  open({ publicUrl, listeningUrl }: OwnServer): void {
    this.#origin = originOf(publicUrl);
    this.#base = publicUrl.slice(this.#origin.length);
    const { hostname, port } = new URL(listeningUrl);
    this.#destination = { protocol: 'http:', hostname: reachable(hostname), port: Number(port || 80) };
  }

  /** Returns where the server of this process listens; `null`: it does not listen yet. */
  get destination(): Destination | null {
    return this.#destination;
  }

  /**
   * Returns whether a request is for an inbox of this service.
   * @param origin scheme, host and port of a URL
   * @param path path and query of the URL, as they are sent
   */
  isInbox(origin: string, path: string): boolean {
    if (origin !== this.#origin || !path.startsWith(this.#base)) return false;
    return INBOX_PATH.test(path.slice(this.#base.length));
  }

  /** Returns whether a URL is that of an inbox. @param url text that `URL` has serialized */
  isInboxUrl(url: string): boolean {
    const origin = originOf(url);
    return this.isInbox(origin, url.slice(origin.length));
  }
}

/** Returns an address at which this machine reaches a server that listens on all of its addresses. */
function reachable(hostname: string): string {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  if (bare === '0.0.0.0') return '127.0.0.1';
  if (bare === '::') return '::1';
  return isIP(bare) ? bare : hostname;
}
