import { DEFAULT_RETRY_SCHEDULE } from '../../delivery/attempt/retry-policy.ts';
import { days, delays, integer, seconds } from '../parsers/numbers.ts';
import { setting } from './setting.ts';

export const DELIVERY_SETTINGS = {
  MEDIAHOOKS_RETRY_DELAYS: setting({
    key: 'retryDelaysMs',
    default: DEFAULT_RETRY_SCHEDULE.map((delay) => delay / 1_000).join(','),
    description:
      'Seconds from a failed attempt to the next attempt, one number for each retry; empty for no retries.',
    parse: delays,
  }),
  MEDIAHOOKS_PAUSE_AFTER_DAYS: setting({
    key: 'pauseAfterMs',
    default: '5',
    description:
      'Days without a successful attempt after which a failing webhook is paused; 0 pauses no webhook.',
    parse: days,
  }),
  MEDIAHOOKS_DELIVERY_TIMEOUT: setting({
    key: 'deliveryTimeoutMs',
    default: '10',
    description: 'Seconds within which a receiver must send its complete answer; connecting is included.',
    parse: seconds(1, 300),
  }),
  MEDIAHOOKS_DELIVERY_CONCURRENCY: setting({
    key: 'deliveryConcurrency',
    default: '1000',
    description: 'Maximum number of requests in flight to all receivers.',
    parse: integer(1, 100_000),
  }),
  MEDIAHOOKS_WEBHOOK_CONCURRENCY: setting({
    key: 'webhookConcurrency',
    default: '10',
    description: 'Maximum number of requests in flight to one webhook.',
    parse: integer(1, 10_000),
  }),
  MEDIAHOOKS_HOST_CONCURRENCY: setting({
    key: 'hostConcurrency',
    default: '100',
    description: 'Maximum number of requests in flight to one host and port, counted over all webhooks.',
    parse: integer(1, 100_000),
  }),
  MEDIAHOOKS_RECOVERY_RATE: setting({
    key: 'recoveryRate',
    default: '100',
    description: 'Failed deliveries that a bulk resend (recovery) sends again per second, for each webhook.',
    parse: integer(1, 1_000),
  }),
} as const;
