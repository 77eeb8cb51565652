/**
 * Forward proxy for requests to receivers. The proxy's credentials are in a private field, so that no log,
 * error or dump of settings shows them.
 */
export class EgressProxy {
  /** Scheme, host and port of the proxy. */
  readonly origin: string;
  readonly #authorization: string | null;

  private constructor(origin: string, authorization: string | null) {
    this.origin = origin;
    this.#authorization = authorization;
  }

  /**
   * Parses the URL of a proxy.
   * @throws TypeError if the text is malformed. The message does not contain the text, because the text might
   * contain a password
   */
  static parse(text: string): EgressProxy {
    const url = URL.parse(text);
    const isBare = url && url.pathname === '/' && url.search === '' && url.hash === '';
    if (!isBare || !/^https?:$/.test(url.protocol)) {
      throw new TypeError(
        'expected the http or https URL of a proxy, such as http://user:password@proxy:3128',
      );
    }
    return new EgressProxy(url.origin, basicAuthorization(url));
  }

  /** Origin of the proxy for display. `(hidden)` stands for the credentials, if there are any. */
  get shown(): string {
    return this.#authorization === null ? this.origin : this.origin.replace('://', '://(hidden)@');
  }

  get hasCredentials(): boolean {
    return this.#authorization !== null;
  }

  /** Headers for each request to the proxy. */
  get headers(): Record<string, string> {
    return this.#authorization === null ? {} : { 'proxy-authorization': this.#authorization };
  }
}

/** Returns the value of `Proxy-Authorization` (RFC 7617). `null`: the URL has no credentials. */
function basicAuthorization({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  const [user, secret] = [decoded(username), decoded(password)];
  if (user.includes(':')) throw new TypeError("expected a proxy's user name without a colon");
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError("expected a proxy's user name and password in percent-encoding (% as %25)");
  }
}
