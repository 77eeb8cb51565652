import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Credentials, createAccountWithToken } from '../../../src/accounts/create-account.ts';
import type { PasswordCost } from '../../../src/accounts/passwords.ts';
import { readConfig } from '../../../src/config/config.ts';
import { assertAllPlaylists } from '../../../src/media/encoding/testing/playlist-rules/assert-playlists.ts';
import { type Service, type ServiceOptions, startService } from '../../../src/service/start-service.ts';
import { LISTED_PROGRAMS } from '../media/listed-programs.ts';
import { ApiClient } from './api-client.ts';

/** Cost of passwords for tests that sign in hundreds of times, and don't measure how long it takes. */
export const QUICK_PASSWORDS: PasswordCost = { memory: 64, passes: 1, parallelism: 1 };

export interface TestService {
  readonly service: Service;
  readonly dataDir: string;
  /** Client for the API, as an ordinary account. */
  readonly client: ApiClient;
  /** Client for the API, as an operator. */
  readonly operator: ApiClient;
  /** Creates another account, and a client that calls the API as this account. */
  newAccount(): Promise<{ credentials: Credentials; client: ApiClient }>;
  /** Stops the service. Rejects if a playlist of any media breaks a rule of its specification. */
  stop(): Promise<void>;
}

/**
 * Returns the settings in which tests differ from production: any free port, receivers on the loopback
 * interface, few log lines, no limit for invalid credentials, quick lists of what ffmpeg can do.
 */
export function testEnvironment(dataDir: string): Record<string, string> {
  return {
    MEDIAHOOKS_DATA_DIR: dataDir,
    MEDIAHOOKS_PORT: '0',
    MEDIAHOOKS_EGRESS_ALLOW: '127.0.0.1/32',
    MEDIAHOOKS_LOG_LEVEL: 'fatal',
    MEDIAHOOKS_FFMPEG: LISTED_PROGRAMS.ffmpeg,
    MEDIAHOOKS_FFPROBE: LISTED_PROGRAMS.ffprobe,
    // The limit is off, because tests send more requests with invalid credentials in a short time than any
    // client.
    MEDIAHOOKS_RATE_LIMIT_UNAUTHORIZED: 'off',
  };
}

/**
 * Whether services of tests may publish directly. `PUBLISH_WITH_FASTIFY=1` lets the same tests run against Fastify alone.
 */
const PUBLISHES_DIRECTLY = process.env.PUBLISH_WITH_FASTIFY === undefined;

/** Starts the service in this process, with a new data folder, an account and an operator. */
export async function startTestService(
  settings: Record<string, string> = {},
  options: ServiceOptions = {},
): Promise<TestService> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mediahooks-test-'));
  const config = readConfig({ ...testEnvironment(dataDir), ...settings });
  const service = await startService(config, { publishesDirectly: PUBLISHES_DIRECTLY, ...options });
  let accounts = 0;
  const newAccount = async (isOperator = false) => {
    accounts += 1;
    const account = { email: `user${accounts}@example.com`, isOperator, now: Date.now() };
    const credentials = await createAccountWithToken(service, account, null);
    return { credentials, client: new ApiClient(service.url, credentials) };
  };
  const { client } = await newAccount();
  const { client: operator } = await newAccount(true);
  return {
    service,
    dataDir,
    client,
    operator,
    newAccount: () => newAccount(),
    stop: async () => {
      await service.stop();
      try {
        await assertAllPlaylists(dataDir);
      } finally {
        await rm(dataDir, { recursive: true });
      }
    },
  };
}
