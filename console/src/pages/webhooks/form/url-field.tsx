import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { ApiError } from '../../../api/errors.ts';
import { TextField } from '../../../components/controls/field.tsx';
import { sentence } from '../../../components/display/notes.tsx';
import { urlCheckQuery } from '../../../queries/url-check.ts';
import { formTexts as texts } from '../../../texts/webhook-form.ts';
import styles from './form.module.css';
import { urlFault } from './webhook-form-state.ts';

/** Milliseconds without a key stroke after which the service is asked about the URL. */
const PAUSE_MS = 350;

interface Props {
  readonly value: string;
  /** Fault that was found when the form was saved. */
  readonly fault: string | undefined;
  readonly onChange: (url: string) => void;
}

/** Field of the URL, which is checked as one types: its form here, and whether it may be used by the service. */
export function UrlField({ value, fault, onChange }: Props) {
  const [isTouched, setIsTouched] = useState(false);
  const url = value.trim();
  const formFault = url === '' ? null : urlFault(url);
  // Nobody types a whole URL at once: the beginning of one is no fault until the field is left.
  const isBeginning = 'https://'.startsWith(url) || /^https?:\/\/[^\s./]*$/.test(url);
  const check = useUrlCheck(url, formFault === null && !isBeginning);
  const shown = formFault && (isTouched || !isBeginning) ? formFault : (check.fault ?? fault);
  return (
    <TextField
      label={texts.url}
      hint={check.hint ?? texts.urlHint}
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

interface UrlCheck {
  readonly fault?: string | undefined;
  readonly hint?: ReactNode;
}

/** Asks the service about a URL when one pauses. */
function useUrlCheck(url: string, isWhole: boolean): UrlCheck {
  const settled = useSettled(url);
  const isSettled = isWhole && settled === url && url !== '';
  const { data, error, isFetching } = useQuery({ ...urlCheckQuery(settled), enabled: isSettled });
  if (!isWhole || url === '') return {};
  if (!isSettled || isFetching) return { hint: texts.urlChecking };
  if (error) return { fault: sentence(reasonOf(error)), hint: adviceOf(error) };
  if (!data) return {};
  const isPlain = url.startsWith('http:');
  return {
    hint: (
      <span className={isPlain ? styles.warn : styles.good}>{isPlain ? texts.urlPlain : texts.urlGood}</span>
    ),
  };
}

function reasonOf(error: Error): string {
  return error instanceof ApiError ? (error.fields.url ?? error.message) : error.message;
}

/** Returns what to do about a URL that is refused; nothing if the refusal says all. */
function adviceOf(error: Error): string | undefined {
  const reason = reasonOf(error);
  if (reason.startsWith('the host is not allowed')) return texts.urlRefusedHint.host;
  return reason.startsWith('the port') ? texts.urlRefusedHint.port : undefined;
}

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
