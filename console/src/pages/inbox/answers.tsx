import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ErrorNote } from '../../components/display/notes.tsx';
import { Section } from '../../components/display/page.tsx';
import {
  type Behaviour,
  type Inbox,
  type InboxDetail,
  inboxQuery,
  setBehaviour,
} from '../../queries/inboxes.ts';
import { inboxTexts } from '../../texts/inbox.ts';
import styles from './inbox.module.css';
import { OwnAnswer } from './own-answer.tsx';

const texts = inboxTexts.answers;

type Preset = keyof typeof texts.preset;

const GOOD: Behaviour = { action: 'answer', status: 200, delay_ms: 0, times: null };

const PRESETS: Readonly<Record<Preset, Behaviour>> = {
  good: GOOD,
  failing: { ...GOOD, status: 500 },
  recovers: { ...GOOD, status: 503, times: 2 },
  gone: { ...GOOD, status: 410 },
  slow: { ...GOOD, delay_ms: 20_000 },
  reset: { ...GOOD, action: 'reset' },
};

/** Choice of how an inbox answers: one press for what people try most, or each part of it. */
export function Answers({ inbox: { id, behaviour } }: { readonly inbox: Inbox }) {
  const queryClient = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (wanted: Behaviour) => setBehaviour(id, wanted),
    onSuccess: (inbox) =>
      queryClient.setQueryData<InboxDetail>(
        inboxQuery(id).queryKey,
        (detail) => detail && { ...detail, inbox },
      ),
  });
  return (
    <Section title={texts.title} description={texts.description}>
      <p role="status">
        <strong>{texts.now}</strong> {texts.inWords(behaviour)}
      </p>
      <ul className={styles.presets} aria-label={texts.presets}>
        {(Object.keys(PRESETS) as Preset[]).map((preset) => (
          <li key={preset}>
            <button
              type="button"
              className={styles.preset}
              aria-pressed={isSame(behaviour, PRESETS[preset])}
              onClick={() => mutate(PRESETS[preset])}
            >
              <strong>{texts.preset[preset].name}</strong>
              <span>{texts.preset[preset].hint}</span>
            </button>
          </li>
        ))}
      </ul>
      <details className={styles.own}>
        <summary>{texts.own}</summary>
        <OwnAnswer behaviour={behaviour} isBusy={isPending} onApply={mutate} />
      </details>
      {error && <ErrorNote error={error} />}
    </Section>
  );
}

/** Returns whether an inbox behaves like a preset, of whose counted answers some may be used up. */
function isSame(behaviour: Behaviour, preset: Behaviour): boolean {
  // Once all counted answers are used up, the inbox answers 200.
  const { action, status, delay_ms: delay, times } = behaviour.times === 0 ? GOOD : behaviour;
  return (
    action === preset.action &&
    (action === 'reset' || status === preset.status) &&
    delay === preset.delay_ms &&
    (times === null) === (preset.times === null)
  );
}
