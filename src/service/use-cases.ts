import { Accounts } from '../accounts/accounts.ts';
import { ApiKeys } from '../accounts/api-keys.ts';
import type { Authenticator } from '../accounts/authenticator.ts';
import { ConsoleSessions } from '../accounts/console-sessions.ts';
import type { Passwords } from '../accounts/passwords.ts';
import { RecordQuota } from '../accounts/record-quota.ts';
import { Sessions } from '../accounts/sessions.ts';
import type { Tokens } from '../accounts/tokens.ts';
import type { Config } from '../config/config.ts';
import { EventIntake } from '../events/accept-events.ts';
import type { Cancellations } from '../webhooks/cancellations.ts';
import { CheckLimits } from '../webhooks/check-limits.ts';
import { Deliveries } from '../webhooks/deliveries.ts';
import { Webhooks } from '../webhooks/webhooks.ts';
import type { DeliveryParts } from './delivery.ts';
import type { SharedParts } from './shared-parts.ts';

export interface UseCaseParts extends SharedParts, DeliveryParts {
  readonly tokens: Tokens;
  readonly passwords: Passwords;
  readonly authenticator: Authenticator;
  readonly cancellations: Cancellations;
}

/**
 * Creates the use cases. Routes change data only through use cases. Each use case gets only the
 * parts that it needs.
 */
export function createUseCases(config: Config, parts: UseCaseParts) {
  const { storage, publisher, now } = parts;
  return {
    ...createAccountUseCases(config, parts),
    ...createWebhookUseCases(config, parts),
    auditLog: storage.audit,
    eventIntake: new EventIntake({ accounts: storage.accounts, publisher, now }),
  };
}

function createAccountUseCases(
  { maxApiKeys: mostPerAccount, maxRecordBytes: most }: Config,
  { storage, tokens, passwords, authenticator: credentials, metrics, now }: UseCaseParts,
) {
  const sessions = new Sessions({ storage, tokens, passwords, credentials, now });
  return {
    accounts: new Accounts({ store: storage.accounts, passwords, credentials, now }),
    apiKeys: new ApiKeys({ store: storage.apiKeys, credentials, mostPerAccount, now }),
    recordQuota: new RecordQuota({
      store: storage.accounts,
      most,
      onRefused: () => metrics.requestsRefused.record_bytes.inc(),
    }),
    sessions,
    consoleSessions: new ConsoleSessions({
      storage,
      sessions,
      authenticator: credentials,
      credentials,
      now,
    }),
  };
}

function createWebhookUseCases(
  { maxWebhooks: mostPerAccount }: Config,
  {
    storage,
    metrics,
    dispatcher,
    cancellations,
    egress,
    sender,
    bulkResendRunner: runner,
    liveDeliveries,
    statistics,
    now,
    clock,
  }: UseCaseParts,
) {
  return {
    webhooks: new Webhooks({
      store: storage.webhooks,
      dispatcher,
      cancellations,
      egress,
      sender,
      limits: new CheckLimits({
        reserveRequest: (url) => dispatcher.reserve(url),
        onRefused: () => metrics.requestsRefused.checks.inc(),
      }),
      mostPerAccount,
      now,
      clock,
    }),
    liveDeliveries,
    statistics,
    deliveries: new Deliveries({ storage, dispatcher, runner, now, clock }),
  };
}
