import { generateApiKey, LONGEST_KEY_TTL_S } from '../accounts/api-key-secrets.ts';
import { announceRevocation } from '../accounts/revocation-watch.ts';
import { revocationFile } from '../data-folder/paths.ts';
import { API_KEY_TYPES, type ApiKey, type ApiKeyType } from '../domain/account.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { notFound, ServiceError } from '../domain/errors.ts';
import { findAccount, withStorage } from './accounts.ts';
import { everyPage } from './every-page.ts';
import type { Terminal } from './terminal.ts';

/** Characters of a name, as over the API. */
const MAX_NAME = 255;

interface NewKeyOptions {
  /** The account's user_id or its email address. */
  readonly account: string;
  readonly name: string;
  readonly type: string;
  /** Seconds, in digits. */
  readonly ttl: string;
  readonly json: boolean;
}

/** `key create`: prints a new key with its secret, which is shown here and never again. */
export async function createKey(terminal: Terminal, options: NewKeyOptions): Promise<void> {
  const type = typeOf(options.type);
  const ttl = ttlOf(options.ttl);
  if (options.name.trim() === '' || options.name.length > MAX_NAME)
    throw refusal(`--name: expected 1 to ${MAX_NAME} characters`);
  await withStorage(terminal, async (storage) => {
    const { id: userId, email } = await findAccount(storage, options.account);
    const { key, secret } = generateApiKey({ userId, name: options.name, type, ttl, now: Date.now() });
    await storage.apiKeys.create(key, null, COMMAND_LINE);
    const fields = { user_id: userId, ...keyFields(key), secret_key: secret };
    if (options.json) terminal.print(JSON.stringify(fields));
    else {
      terminal.print(`  account     ${email}`);
      terminal.print(`  public_key  ${key.publicKey}`);
      terminal.print(`  secret_key  ${secret}   (shown this once)`);
      terminal.print(`  expired_at  ${fields.expired_at ?? 'never'}`);
    }
  });
}

/** `key list`: a line for each key of an account, the oldest first. */
export function listKeys(
  terminal: Terminal,
  { account, json }: Pick<NewKeyOptions, 'account' | 'json'>,
): Promise<void> {
  return withStorage(terminal, async (storage) => {
    const { id: userId } = await findAccount(storage, account);
    const all = await everyPage((page) =>
      storage.apiKeys.list(userId, { ...page, search: null, type: null }),
    );
    if (json) terminal.print(JSON.stringify(all.map(keyFields)));
    else for (const key of all) terminal.print(keyLine(key));
  });
}

/**
 * `key revoke`: removes a key, named by its public key, as a configuration that leaked shows it. Running servers refuse
 * it within a moment.
 */
export function revokeKey(terminal: Terminal, publicKey: string): Promise<void> {
  return withStorage(terminal, async (storage) => {
    const key = await storage.apiKeys.findByPublicKey(publicKey);
    if (!key || !(await storage.apiKeys.delete(key.userId, key.id, { at: Date.now(), by: COMMAND_LINE })))
      throw notFound(`API key ${publicKey}`);
    await announceRevocation(revocationFile(terminal.config().dataDir));
    terminal.print(`${publicKey} (${shown(key.name)}) is revoked`);
  });
}

function typeOf(text: string): ApiKeyType {
  const type = API_KEY_TYPES.find((known) => known === text);
  if (!type) throw refusal(`--type: expected ${API_KEY_TYPES.join(' or ')}, got ${text}`);
  return type;
}

function ttlOf(text: string): number {
  const ttl = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (ttl <= LONGEST_KEY_TTL_S) return ttl;
  throw refusal(`--ttl: expected seconds, at most ${LONGEST_KEY_TTL_S}, or 0 for no expiry, got ${text}`);
}

function refusal(message: string): ServiceError {
  return new ServiceError('invalid_request', message);
}

function keyFields(key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    public_key: key.publicKey,
    truncated_secret: key.truncatedSecret,
    type: key.type,
    ttl: String(key.ttl),
    created_at: timeOrNull(key.createdAt),
    expired_at: timeOrNull(key.expiresAt),
    last_requested_at: timeOrNull(key.lastRequestedAt),
  };
}

function keyLine(key: ApiKey): string {
  const used = key.lastRequestedAt === null ? 'never used' : `used ${timeOrNull(key.lastRequestedAt)}`;
  const end = key.expiresAt === null ? '' : `expires ${timeOrNull(key.expiresAt)}`;
  return [key.publicKey, key.type, used, end, shown(key.name)].filter(Boolean).join('  ');
}

/** Names are their accounts' own: what steers a terminal is not for the operator's. */
function shown(name: string): string {
  return name.replace(/\p{C}/gu, '\uFFFD');
}

function timeOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
