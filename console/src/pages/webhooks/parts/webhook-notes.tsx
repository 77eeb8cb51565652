import { Link } from '@tanstack/react-router';
import { buttonClass } from '../../../components/controls/button.tsx';
import { Note, sentence } from '../../../components/display/notes.tsx';
import { Time } from '../../../components/display/time.tsx';
import type { Webhook } from '../../../queries/webhooks.ts';
import { webhookTexts } from '../../../texts/webhooks.ts';

const texts = webhookTexts.notes;

/** Reason why a webhook does not send, or fails, and what to do. Shows nothing if all is well. */
export function WebhookNotes({ webhook }: { readonly webhook: Webhook }) {
  const { paused_at, pause_reason, circuit, circuit_probe_at, failing_since, last_error } = webhook;
  const error = last_error && (
    <p>
      {texts.lastError} {sentence(last_error)}
    </p>
  );
  if (paused_at) {
    const { title, text } = texts[pause_reason ?? 'owner'];
    return (
      <Note tone="warn" title={title}>
        <p>
          {text} <Time at={paused_at} />.
        </p>
        {pause_reason !== 'owner' && error}
      </Note>
    );
  }
  if (circuit !== 'closed') {
    return (
      <Note tone="bad" title={texts.circuit.title}>
        <p>{texts.circuit.text}</p>
        {circuit_probe_at && (
          <p>
            {texts.circuit.probe} <Time at={circuit_probe_at} />
          </p>
        )}
        {error}
      </Note>
    );
  }
  if (failing_since) {
    return (
      <Note
        tone="bad"
        title={
          <>
            {texts.failingNow.title} <Time at={failing_since} show="absolute" />
          </>
        }
        action={
          <Link
            to="/deliveries"
            search={{ webhook: webhook.id, state: 'failed' }}
            className={buttonClass('plain', 'small')}
          >
            {texts.failingNow.action}
          </Link>
        }
      >
        <p>{texts.failingNow.text}</p>
        {error}
      </Note>
    );
  }
  return null;
}
