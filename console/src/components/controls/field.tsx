import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react';
import styles from './field.module.css';

export interface FieldProps {
  readonly label: string;
  /** Advice about what to enter, below the field. */
  readonly hint?: ReactNode;
  /** Fault of the value, and what to enter instead. */
  readonly error?: string | undefined;
  /** Whether the label is for screen readers only, because what stands beside the field says the same. */
  readonly hideLabel?: boolean;
}

interface FrameProps extends FieldProps {
  readonly children: (ids: ControlIds) => ReactNode;
}

interface ControlIds {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
}

/** Label, control, hint and error of one field, tied together for screen readers. */
export function Field({ label, hint, error, hideLabel = false, children }: FrameProps) {
  const id = useId();
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={hideLabel ? 'visually-hidden' : styles.label}>
        {label}
      </label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined })}
      <p id={`${id}-error`} className={styles.error} aria-live="polite" hidden={!error}>
        {error}
      </p>
      {hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}

export function TextField({
  label,
  hint,
  error,
  hideLabel = false,
  ...rest
}: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Field {...{ label, hint, error, hideLabel }}>
      {(ids) => (
        <input
          type="text"
          autoComplete="off"
          spellCheck={false}
          {...rest}
          {...ids}
          className={styles.control}
        />
      )}
    </Field>
  );
}

export function TextAreaField({
  label,
  hint,
  error,
  hideLabel = false,
  ...rest
}: FieldProps & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <Field {...{ label, hint, error, hideLabel }}>
      {(ids) => <textarea rows={4} {...rest} {...ids} className={`${styles.control} ${styles.area}`} />}
    </Field>
  );
}

/** The browser's own list of choices: it is known to everyone, and works on phones and with screen readers. */
export function SelectField({
  label,
  hint,
  error,
  hideLabel = false,
  ...rest
}: FieldProps & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Field {...{ label, hint, error, hideLabel }}>
      {(ids) => <select {...rest} {...ids} className={`${styles.control} ${styles.select}`} />}
    </Field>
  );
}

export interface CheckboxProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'type'> {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
}

export function Checkbox({ label, hint, ...rest }: CheckboxProps) {
  const id = useId();
  return (
    <div className={styles.check}>
      <input type="checkbox" {...rest} id={id} aria-describedby={hint ? `${id}-hint` : undefined} />
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}
