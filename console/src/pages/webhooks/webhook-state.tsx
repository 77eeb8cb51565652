import { Badge, type Tone } from '../../components/display/badge.tsx';
import type { Webhook } from '../../queries/webhooks.ts';
import { webhookTexts } from '../../texts/webhooks.ts';

export type WebhookState = keyof typeof webhookTexts.states;

const TONES: Readonly<Record<WebhookState, Tone>> = {
  sending: 'good',
  idle: 'neutral',
  paused: 'warn',
  failing: 'bad',
  silent: 'bad',
};

/** Returns the most important thing to know about a webhook. */
export function stateOf(webhook: Webhook): WebhookState {
  if (webhook.paused_at !== null) return 'paused';
  if (webhook.circuit !== 'closed') return 'silent';
  if (webhook.failing_since !== null) return 'failing';
  return webhook.last_triggered_at === null ? 'idle' : 'sending';
}

export function WebhookBadge({ webhook }: { readonly webhook: Webhook }) {
  const state = stateOf(webhook);
  return <Badge tone={TONES[state]}>{webhookTexts.states[state]}</Badge>;
}
