import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError } from '../../../api/errors.ts';
import { Button } from '../../../components/controls/button.tsx';
import { SelectField, TextField } from '../../../components/controls/field.tsx';
import { ErrorNote } from '../../../components/display/notes.tsx';
import { Section } from '../../../components/display/page.tsx';
import { formTexts as texts } from '../../../texts/webhook-form.ts';
import { signingTexts } from '../../../texts/webhook-signing.ts';
import { EventChoices } from './event-choices.tsx';
import styles from './form.module.css';
import { HeaderRows } from './header-rows.tsx';
import { RetryChoice } from './retry-choice.tsx';
import { UrlField } from './url-field.tsx';
import { type WebhookForm as Form, faultsOf, type NewWebhookBody, webhookOf } from './webhook-form-state.ts';

interface Props {
  readonly start: Form;
  readonly submitText: string;
  readonly cancel: ReactNode;
  readonly busy: boolean;
  /** Error of the last attempt to save. */
  readonly error: Error | null;
  readonly onSave: (body: NewWebhookBody) => void;
}

/** Form of a new or an existing webhook. Faults are shown when one has tried to save, and then as one types. */
export function WebhookForm({ start, submitText, cancel, busy, error, onSave }: Props) {
  const [form, setForm] = useState(start);
  const [hasTried, setHasTried] = useState(false);
  const faults = hasTried ? faultsOf(form) : {};
  const refused = error instanceof ApiError ? error.fields : {};
  const set = (changes: Partial<Form>) => setForm((old) => ({ ...old, ...changes }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setHasTried(true);
    if (Object.keys(faultsOf(form)).length === 0) onSave(webhookOf(form));
    else focusFirstFault();
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Section>
        <UrlField value={form.url} fault={faults.url ?? refused.url} onChange={(url) => set({ url })} />
        <TextField
          label={texts.name}
          hint={texts.nameHint}
          error={refused.name}
          placeholder={texts.namePlaceholder}
          maxLength={255}
          value={form.name}
          onChange={({ target }) => set({ name: target.value })}
        />
      </Section>
      <EventChoices events={form.events} fault={faults.events} onChange={(events) => set({ events })} />
      <RetryChoice kind={form.retries} delays={form.delays} fault={faults.delays} onChange={set} />
      <Section title={texts.advanced}>
        <div className={styles.pair}>
          <TextField
            label={texts.maxInFlight}
            hint={texts.maxInFlightHint}
            error={faults.maxInFlight ?? refused.max_in_flight}
            inputMode="numeric"
            value={form.maxInFlight}
            onChange={({ target }) => set({ maxInFlight: target.value })}
          />
          <SelectField
            label={texts.signature}
            hint={texts.signatureHint}
            value={form.signature}
            onChange={({ target }) => set({ signature: target.value as Form['signature'] })}
          >
            {Object.entries(signingTexts.schemes).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </SelectField>
        </div>
        <HeaderRows rows={form.headers} fault={refused.headers} onChange={(headers) => set({ headers })} />
      </Section>
      {error && <ErrorNote error={error} />}
      <div className={styles.actions}>
        {cancel}
        <Button type="submit" kind="primary" busy={busy}>
          {submitText}
        </Button>
      </div>
    </form>
  );
}

/** Brings the first field with a fault into view, when it is drawn as such. */
function focusFirstFault(): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>('[aria-invalid="true"], [data-fault] input')?.focus();
  });
}
