import { TextField } from '../../../components/controls/field.tsx';
import { Section } from '../../../components/display/page.tsx';
import { RetryTimeline } from '../../../components/display/retry-timeline.tsx';
import { delaysOf, parseDelays } from '../../../queries/retry-delays.ts';
import { formTexts as texts } from '../../../texts/webhook-form.ts';
import { retryTexts } from '../../../texts/webhooks.ts';
import styles from './form.module.css';
import type { RetryKind } from './webhook-form-state.ts';

const KINDS = Object.keys(retryTexts.kinds) as RetryKind[];

interface Props {
  readonly kind: RetryKind;
  readonly delays: string;
  readonly fault: string | undefined;
  readonly onChange: (changes: { retries?: RetryKind; delays?: string }) => void;
}

/** Choice of a retry schedule, which is drawn as one chooses and types. */
export function RetryChoice({ kind, delays, fault, onChange }: Props) {
  const drawn = kind === 'custom' ? parseDelays(delays) : delaysOf(kind);
  return (
    <Section title={texts.retries} description={texts.retriesHint}>
      <fieldset className={styles.choices}>
        <legend className="visually-hidden">{texts.retries}</legend>
        {KINDS.map((one) => (
          <label key={one} className={styles.choice}>
            <input
              type="radio"
              name="retries"
              checked={kind === one}
              onChange={() => onChange({ retries: one })}
            />
            <strong>{retryTexts.kinds[one].name}</strong>
            <span>{retryTexts.kinds[one].hint}</span>
          </label>
        ))}
      </fieldset>
      {kind === 'custom' && (
        <TextField
          label={texts.delays}
          hint={texts.delaysHint}
          error={drawn ? undefined : (fault ?? texts.delaysProblem)}
          value={delays}
          onChange={({ target }) => onChange({ delays: target.value })}
        />
      )}
      {drawn && <RetryTimeline delays={drawn} />}
      {kind === 'exponential' && <p className={styles.hint}>{retryTexts.random}</p>}
    </Section>
  );
}
