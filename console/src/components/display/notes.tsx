import { CircleAlert, CircleCheck, Inbox, SearchX, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/errors.ts';
import { errorTexts } from '../../texts/errors.ts';
import { Button } from '../controls/button.tsx';
import styles from './notes.module.css';

interface EmptyProps {
  readonly icon?: ReactNode;
  readonly title: string;
  /** Advice about what to do next, or when something will be here. */
  readonly hint: ReactNode;
  readonly action?: ReactNode;
}

/** Stands where a list or a plot has nothing to show yet. */
export function EmptyState({ icon = <Inbox />, title, hint, action }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <span className={styles.picture}>{icon}</span>
      <h2>{title}</h2>
      <p>{hint}</p>
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}

interface ErrorProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** Stands where something could not be loaded: what happened, and what to try. */
export function ErrorState({ error, onRetry }: ErrorProps) {
  const isMissing = error instanceof ApiError && error.status === 404;
  const { title, message, hint, requestId } = describe(error);
  return (
    <div className={styles.empty} role="alert">
      <span className={styles.picture}>{isMissing ? <SearchX /> : <TriangleAlert />}</span>
      <h2>{title}</h2>
      <p>{message}</p>
      {hint && <p>{hint}</p>}
      {onRetry && !isMissing && (
        <div className={styles.action}>
          <Button onClick={onRetry}>{errorTexts.retry}</Button>
        </div>
      )}
      {requestId && !isMissing && <p className={styles.request}>{errorTexts.requestId(requestId)}</p>}
    </div>
  );
}

/** One line beside what failed, such as a form or a button. */
export function ErrorNote({ error }: { readonly error: unknown }) {
  return (
    <Note tone="bad" role="alert">
      {describe(error).message}
    </Note>
  );
}

interface NoteProps {
  readonly tone?: 'neutral' | 'good' | 'warn' | 'bad';
  readonly title?: ReactNode;
  readonly action?: ReactNode;
  readonly role?: 'alert' | 'status';
  readonly children?: ReactNode;
}

/** Something that one must know about what the page shows. */
export function Note({ tone = 'neutral', title, action, role, children }: NoteProps) {
  return (
    <div className={`${styles.note} ${styles[tone]}`} role={role}>
      {tone === 'good' ? <CircleCheck className={styles.sign} /> : <CircleAlert className={styles.sign} />}
      <div className={styles.text}>
        {title && <strong>{title}</strong>}
        {children && <div>{children}</div>}
      </div>
      {action}
    </div>
  );
}

function describe(error: unknown): {
  title: string;
  message: string;
  hint: string;
  requestId: string | null;
} {
  if (!(error instanceof ApiError))
    return { title: errorTexts.crashTitle, message: errorTexts.crashHint, hint: '', requestId: null };
  const { status, retryAfterS, requestId } = error;
  const message = sentence(error.message);
  if (status === 404)
    return { title: errorTexts.notFoundTitle, message: errorTexts.notFoundHint, hint: '', requestId };
  if (status === 403) return { title: errorTexts.forbiddenTitle, message, hint: '', requestId };
  return { title: errorTexts.title, message, hint: errorTexts.hint(status, retryAfterS), requestId };
}

/** Returns a message of the API, which begins with a small letter, as a sentence. */
export function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
