import { LONGEST_KEY_TTL_S } from '../accounts/secrets/api-key-secrets.ts';
import { API_KEY_TYPES, type ApiKey, type ApiKeyType } from '../domain/account.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { everyPage } from './every-page.ts';
import { withUseCases } from './open-use-cases.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** Maximum number of characters of a key's name, the same as in the API. */
const MAX_NAME = 255;

interface NewKeyOptions {
  /** The account's `user_id` or email address. */
  readonly account: string;
  readonly name: string;
  readonly type: string;
  /** Seconds until the key expires, as decimal digits. `0`: the key never expires. */
  readonly ttl: string;
  readonly json: boolean;
}

/** `key create`: creates an API key and prints it with its secret. The secret is not stored. */
export async function createKey(terminal: Terminal, options: NewKeyOptions): Promise<void> {
  const type = typeOf(options.type);
  const ttl = ttlOf(options.ttl);
  if (options.name.trim() === '' || options.name.length > MAX_NAME)
    throw new UsageError('--name', `expected 1 to ${MAX_NAME} characters`);
  await withUseCases(terminal, async ({ accounts, apiKeys }) => {
    const { id: userId, email } = await accounts.findByName(options.account);
    const { key, secret } = await apiKeys.create(userId, { name: options.name, type, ttl }, COMMAND_LINE);
    const fields = { user_id: userId, ...keyFields(key), secret_key: secret };
    if (options.json) terminal.print(JSON.stringify(fields));
    else {
      terminal.print(`  account     ${email}`);
      terminal.print(`  public_key  ${key.publicKey}`);
      terminal.print(`  secret_key  ${secret}   (shown only now)`);
      terminal.print(`  expired_at  ${fields.expired_at ?? 'never'}`);
    }
  });
}

/** `key list`: prints a line for each key of an account, the oldest first. */
export function listKeys(
  terminal: Terminal,
  { account, json }: Pick<NewKeyOptions, 'account' | 'json'>,
): Promise<void> {
  return withUseCases(terminal, async ({ accounts, storage }) => {
    const { id: userId } = await accounts.findByName(account);
    const all = await everyPage((page) =>
      storage.apiKeys.list(userId, { ...page, search: null, type: null }),
    );
    if (json) terminal.print(JSON.stringify(all.map(keyFields)));
    else for (const key of all) terminal.print(keyLine(key));
  });
}

/**
 * `key revoke`: removes the API key that has this public key. Running servers refuse the key within seconds.
 */
export function revokeKey(terminal: Terminal, publicKey: string): Promise<void> {
  return withUseCases(terminal, async ({ apiKeys }) => {
    const { name } = await apiKeys.revoke(publicKey, COMMAND_LINE);
    terminal.print(`${publicKey} (${printable(name)}) is revoked`);
  });
}

function typeOf(text: string): ApiKeyType {
  const type = API_KEY_TYPES.find((known) => known === text);
  if (!type) throw new UsageError('--type', `expected ${API_KEY_TYPES.join(' or ')}, got ${text}`);
  return type;
}

function ttlOf(text: string): number {
  const ttl = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (ttl <= LONGEST_KEY_TTL_S) return ttl;
  throw new UsageError(
    '--ttl',
    `expected seconds, at most ${LONGEST_KEY_TTL_S}, or 0 for no expiry, got ${text}`,
  );
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
  return [key.publicKey, key.type, used, end, printable(key.name)].filter(Boolean).join('  ');
}

/**
 * Replaces control characters, so that a name that an account has chosen can't control the operator's
 * terminal.
 */
function printable(name: string): string {
  return name.replace(/\p{C}/gu, '\uFFFD');
}

function timeOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
