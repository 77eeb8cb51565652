import { Link } from '@tanstack/react-router';
import { Note } from '../../../components/display/notes.tsx';
import { Time } from '../../../components/display/time.tsx';
import type { DeliveryDetail } from '../../../queries/deliveries.ts';
import { detailTexts as texts } from '../../../texts/deliveries.ts';
import { diagnose } from '../explain.ts';
import styles from './detail.module.css';

/** Says how it stands with the delivery, what likely went wrong, and what to do. */
export function DiagnosisNote({ delivery }: { readonly delivery: DeliveryDetail }) {
  const { tone, title, cause, steps } = diagnose(delivery);
  const { waits_for: before, next_attempt_at: next, pending_reason: reason } = delivery;
  return (
    <Note tone={tone} title={title} role="status">
      <p>{cause}</p>
      {steps.length > 0 && (
        <>
          <p className={styles.todo}>{texts.whatToDo}</p>
          <ol className={styles.steps}>
            {steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </>
      )}
      {next && reason === 'schedule' && (
        <p className={styles.todo}>
          {texts.next}: <Time at={next} />
        </p>
      )}
      {before && (
        <p className={styles.todo}>
          {texts.waitsFor}{' '}
          <Link to="/deliveries/$id" params={{ id: before }} search={true}>
            {texts.previousDelivery}
          </Link>
          .
        </p>
      )}
    </Note>
  );
}
