import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';

const ALGORITHM = 'EdDSA';
const CURVE = 'Ed25519';
const ISSUER = 'mediahooks';

export interface TokenOptions {
  /** Seconds from `now` to expiry. */
  readonly ttl: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Issues and verifies the service's own bearer tokens: JWTs, signed with Ed25519. */
export class Tokens {
  readonly #privateKey: CryptoKey;
  readonly #publicKey: CryptoKey;

  private constructor(privateKey: CryptoKey, publicKey: CryptoKey) {
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
  }

  /** With the signing key in `file`, which is made, readable by its owner alone, where there is none. */
  static async open(file: string): Promise<Tokens> {
    const { d, ...publicJwk } = (await readKey(file)) ?? (await createKey(file));
    const [privateKey, publicKey] = await Promise.all([
      importJWK({ ...publicJwk, d } as JWK, ALGORITHM),
      importJWK(publicJwk as JWK, ALGORITHM),
    ]);
    return new Tokens(privateKey as CryptoKey, publicKey as CryptoKey);
  }

  issue(userId: string, { ttl, now }: TokenOptions): Promise<string> {
    const issuedAt = Math.floor(now / 1000);
    return new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setSubject(userId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttl)
      .sign(this.#privateKey);
  }

  /** The account that a token stands for and when it expires, or null for a token that is not good. */
  async verify(token: string, now: number): Promise<{ userId: string; expiresAt: number } | null> {
    try {
      const { payload } = await jwtVerify(token, this.#publicKey, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(now),
      });
      return { userId: payload.sub as string, expiresAt: (payload.exp as number) * 1000 };
    } catch {
      return null;
    }
  }
}

async function readKey(file: string): Promise<JWK | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`the signing key in ${file} can't be read`, { cause: error });
  }
}

async function createKey(file: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: CURVE, extractable: true });
  const jwk = await exportJWK(privateKey);
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(jwk), { mode: 0o600, flush: true });
  await chmod(draft, 0o600);
  try {
    // Linking, unlike renaming, fails where another process was faster: then its key holds.
    await link(draft, file);
    return jwk;
  } catch (error) {
    const theirs = (error as NodeJS.ErrnoException).code === 'EEXIST' ? await readKey(file) : null;
    if (!theirs) throw error;
    return theirs;
  } finally {
    await rm(draft);
  }
}
