import { CopyButton } from '../../../components/controls/copy-button.tsx';
import { Facts, Section } from '../../../components/display/page.tsx';
import { RetryTimeline } from '../../../components/display/retry-timeline.tsx';
import { Time } from '../../../components/display/time.tsx';
import { delaysOf } from '../../../queries/retry-delays.ts';
import { eventsOf, type Webhook } from '../../../queries/webhooks.ts';
import { eventName } from '../../../texts/events.ts';
import { frameTexts } from '../../../texts/frame.ts';
import { signingTexts } from '../../../texts/webhook-signing.ts';
import { retryTexts, webhookTexts as texts } from '../../../texts/webhooks.ts';
import styles from './parts.module.css';

/** Settings of a webhook. */
export function Overview({ webhook }: { readonly webhook: Webhook }) {
  const { id, url, created_at, updated_at, last_triggered_at, max_in_flight, headers, signature } = webhook;
  const names = Object.keys(headers);
  const kind = Array.isArray(webhook.retry_schedule) ? 'custom' : webhook.retry_schedule;
  return (
    <div className={styles.stack}>
      <Section title={texts.settings}>
        <Facts
          items={[
            [texts.url, <Copied key="url" text={url} label={texts.copyUrl} />],
            [texts.id, <Copied key="id" text={id} label={texts.copyId} />],
            [texts.events, eventsOf(webhook).map(eventName).join(', ')],
            [texts.maxInFlight, max_in_flight ?? texts.maxInFlightDefault],
            [signingTexts.scheme, signingTexts.schemes[signature]],
            [texts.headers, names.length === 0 ? texts.noHeaders : names.join(', ')],
            [
              texts.lastTriggered,
              last_triggered_at ? <Time key="last" at={last_triggered_at} /> : frameTexts.never,
            ],
            [texts.created, <Time key="created" at={created_at} />],
            [texts.changed, <Time key="changed" at={updated_at} />],
          ]}
        />
      </Section>
      <Section
        title={texts.retries}
        description={kind === 'custom' ? undefined : retryTexts.kinds[kind].hint}
      >
        <RetryTimeline delays={delaysOf(webhook.retry_schedule)} />
        {kind === 'exponential' && <p className={styles.hint}>{retryTexts.random}</p>}
      </Section>
    </div>
  );
}

function Copied({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <span className={styles.copied}>
      <span className="mono">{text}</span>
      <CopyButton text={text} label={label} />
    </span>
  );
}
