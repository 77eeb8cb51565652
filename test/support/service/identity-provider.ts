import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export interface ProviderKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** Identity provider on the loopback interface. It publishes its keys over HTTP, and signs tokens. */
export class TestIdentityProvider {
  static readonly issuer = 'https://id.example.com/';
  static readonly audience = 'mediahooks-api';
  /** Number of requests for the provider's keys. */
  asked = 0;
  /** Keys that the provider publishes. `token` signs with the last one. */
  keys: ProviderKey[] = [];
  /** Answer that is sent instead of the keys. `null`: no answer is sent. */
  answer: { status: number; body: string } | null | undefined = undefined;
  readonly #server: Server;
  #port = 0;

  private constructor() {
    this.#server = createServer((_request, response) => {
      this.asked += 1;
      if (this.answer === null) return;
      const body = JSON.stringify({ keys: this.keys.map(({ publicJwk }) => publicJwk) });
      const { status, body: text } = this.answer ?? { status: 200, body };
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(text);
    });
  }

  static async start(): Promise<TestIdentityProvider> {
    const provider = new TestIdentityProvider();
    provider.keys.push(await newProviderKey());
    await provider.resume();
    return provider;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.#port}/keys`);
  }

  /** Starts to listen, on the same port as before. */
  async resume(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /**
   * Signs a token that is valid for an hour, with the given claims and headers. A claim or header that is
   * `undefined` is left out.
   */
  token(
    claims: Record<string, unknown>,
    {
      key = this.keys.at(-1),
      header = {},
    }: { key?: ProviderKey | undefined; header?: Record<string, unknown> } = {},
  ): Promise<string> {
    if (!key) throw new Error('the provider has no key');
    const now = Math.floor(Date.now() / 1000);
    const { issuer: iss, audience: aud } = TestIdentityProvider;
    return new SignJWT({ iss, aud, iat: now, exp: now + 3600, ...claims })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
      .sign(key.privateKey);
  }
}

export async function newProviderKey(alg = 'RS256'): Promise<ProviderKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const kid = randomUUID();
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}
