import { Link } from '@tanstack/react-router';
import { sentence } from '../../components/display/notes.tsx';
import { Section } from '../../components/display/page.tsx';
import { Time } from '../../components/display/time.tsx';
import type { Webhook } from '../../queries/webhooks.ts';
import { overviewTexts as texts } from '../../texts/overview.ts';
import { stateOf, WebhookBadge } from '../webhooks/webhook-state.tsx';
import styles from './overview.module.css';

/** Maximum number of webhooks that are listed. */
const MOST = 8;

type Troubled = keyof typeof texts.reasons;

/** Webhooks whose deliveries do not arrive, and why. */
export function Attention({ webhooks }: { readonly webhooks: readonly Webhook[] }) {
  const troubled = webhooks
    .filter((webhook) => stateOf(webhook) in texts.reasons)
    .toSorted((a, b) => rankOf(a) - rankOf(b) || (sinceOf(a) ?? '').localeCompare(sinceOf(b) ?? ''));
  if (troubled.length === 0) {
    return (
      <Section title={texts.attention}>
        <p className={styles.soft}>{texts.fine}</p>
      </Section>
    );
  }
  return (
    <Section flush title={texts.attention} description={texts.attentionHint}>
      <ul>
        {troubled.slice(0, MOST).map((webhook) => (
          <Item key={webhook.id} webhook={webhook} />
        ))}
      </ul>
      {troubled.length > MOST && (
        <p className={styles.more}>
          <Link to="/webhooks">{texts.more(troubled.length - MOST)}</Link>
        </p>
      )}
    </Section>
  );
}

function Item({ webhook }: { readonly webhook: Webhook }) {
  const { id, name, last_error: error } = webhook;
  const state = stateOf(webhook) as Troubled;
  const since = sinceOf(webhook);
  return (
    <li className={styles.item}>
      <div className={styles.itemTitle}>
        <Link to="/webhooks/$id" params={{ id }} className={styles.name}>
          {name}
        </Link>
        <WebhookBadge webhook={webhook} />
      </div>
      <p>
        {texts.reasons[state]}
        {since && (
          <>
            {' '}
            {texts.since} <Time at={since} />.
          </>
        )}
      </p>
      {error && state !== 'paused' && <p className={styles.error}>{sentence(error)}</p>}
    </li>
  );
}

/** Returns the time since which deliveries do not arrive. */
function sinceOf({ paused_at, circuit_since, failing_since }: Webhook): string | null {
  return paused_at ?? failing_since ?? circuit_since;
}

/** Returns the place of a webhook in the list: those that someone has paused come last. */
function rankOf(webhook: Webhook): number {
  return webhook.pause_reason === 'owner' ? 1 : 0;
}
