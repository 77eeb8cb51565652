/**
 * Example values for the API's description. Several examples use the same values, so that the
 * examples fit together.
 */

export const EXAMPLE_IDS = {
  account: '019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b',
  apiKey: '019a1b2c-4f5a-7012-9b3c-1d2e3f4a5b6c',
  webhook: '019a1b2d-5061-7123-8c4d-2e3f4a5b6c7d',
  media: '019a1b2e-6172-7234-9d5e-3f4a5b6c7d8e',
  event: '019a1b2f-7283-7345-8e6f-4a5b6c7d8e9f',
  delivery: '019b7893-7c8a-8000-8000-00000000bc67',
  auditRecord: '019a1b31-94a5-7678-9192-7d8e9fa0b1c2',
  check: '019a1b30-8393-7567-8081-6c7d8e9fa0b1',
  bulkResend: '019a1b30-8394-7567-8081-6c7d8e9fa0b1',
} as const;

const DAY = '2026-01-01';

export const EXAMPLE_TIMES = {
  created: `${DAY}T08:00:00.000Z`,
  received: `${DAY}T08:00:05.120Z`,
  emitted: `${DAY}T08:01:30.250Z`,
  delivered: `${DAY}T08:01:30.391Z`,
  later: '2026-01-02T08:00:00.000Z',
} as const;

export const EXAMPLE_EMAIL = 'ada@example.com';
export const EXAMPLE_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
export const EXAMPLE_PUBLIC_KEY = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';
