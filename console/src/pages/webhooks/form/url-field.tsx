import { useState } from 'react';
import { TextField } from '../../../components/controls/field.tsx';
import { formTexts as texts } from '../../../texts/webhook-form.ts';
import { urlFault } from './webhook-form-state.ts';

interface Props {
  readonly value: string;
  /** Fault that was found when the form was saved. */
  readonly fault: string | undefined;
  readonly onChange: (url: string) => void;
}

/** Field of the URL, which is checked as one types. */
export function UrlField({ value, fault, onChange }: Props) {
  const [isTouched, setIsTouched] = useState(false);
  const typed = value.trim() === '' ? null : urlFault(value);
  // Nobody has typed a whole URL at once: a beginning of one is no fault until the field is left.
  const isBeginning = 'https://'.startsWith(value) || /^https?:\/\/[^\s.]*$/.test(value);
  const shown = typed && (isTouched || !isBeginning) ? typed : fault;
  return (
    <TextField
      label={texts.url}
      hint={texts.urlHint}
      error={shown}
      type="url"
      inputMode="url"
      required
      placeholder={texts.urlPlaceholder}
      value={value}
      onBlur={() => setIsTouched(true)}
      onChange={({ target }) => onChange(target.value)}
    />
  );
}
