import { type FormEvent, useState } from 'react';
import { Button } from '../../components/controls/button.tsx';
import { SelectField, TextField } from '../../components/controls/field.tsx';
import type { Behaviour } from '../../queries/inboxes.ts';
import { inboxTexts } from '../../texts/inbox.ts';
import styles from './inbox.module.css';

const texts = inboxTexts.answers;
const ACTIONS = Object.entries(texts.actions) as [Behaviour['action'], string][];
const MAX_DELAY_S = 30;
const MAX_TIMES = 1000;

interface Props {
  readonly behaviour: Behaviour;
  readonly isBusy: boolean;
  readonly onApply: (behaviour: Behaviour) => void;
}

type Faults = Readonly<Partial<Record<'status' | 'delay' | 'times', string>>>;

/** Form for each part of how an inbox answers. */
export function OwnAnswer({ behaviour, isBusy, onApply }: Props) {
  const [action, setAction] = useState(behaviour.action);
  const [faults, setFaults] = useState<Faults>({});
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const [wanted, found] = behaviourIn(action, new FormData(event.currentTarget));
    setFaults(found);
    if (Object.keys(found).length === 0) onApply(wanted);
  };
  const isReset = action === 'reset';
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <SelectField
        label={texts.action}
        value={action}
        onChange={({ target }) => setAction(target.value as Behaviour['action'])}
      >
        {ACTIONS.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
      {!isReset && (
        <TextField
          label={texts.status}
          name="status"
          inputMode="numeric"
          defaultValue={behaviour.status}
          error={faults.status}
        />
      )}
      <TextField
        label={texts.delay}
        name="delay"
        inputMode="decimal"
        defaultValue={behaviour.delay_ms / 1000}
        error={faults.delay}
      />
      <TextField
        label={texts.times}
        name="times"
        inputMode="numeric"
        defaultValue={behaviour.times || ''}
        hint={texts.timesHint}
        error={faults.times}
      />
      <div>
        <Button type="submit" busy={isBusy}>
          {texts.apply}
        </Button>
      </div>
    </form>
  );
}

/** Returns the behaviour that the form describes, and what is wrong with it. */
function behaviourIn(action: Behaviour['action'], form: FormData): [Behaviour, Faults] {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const status = action === 'reset' ? 200 : Number(text('status'));
  const delay = Number(text('delay').replace(',', '.'));
  const times = text('times') === '' ? null : Number(text('times'));
  const isStatus = Number.isInteger(status) && status >= 200 && status <= 599;
  const isDelay = delay >= 0 && delay <= MAX_DELAY_S;
  const isTimes = times === null || (Number.isInteger(times) && times >= 1 && times <= MAX_TIMES);
  const faults = {
    ...(!isStatus && { status: texts.statusProblem }),
    ...(!isDelay && { delay: texts.delayProblem }),
    ...(!isTimes && { times: texts.timesProblem }),
  };
  return [{ action, status, delay_ms: Math.round(delay * 1000), times }, faults];
}
