import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import styles from './button.module.css';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary`: what most people want here, at most one on a page; `danger`: removes something. */
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly size?: 'normal' | 'small';
  readonly icon?: ReactNode;
  /** Whether the action of the button is running. The button then can't be pressed, and stays focused. */
  readonly busy?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button(props: ButtonProps) {
  const {
    kind = 'plain',
    size = 'normal',
    icon,
    busy = false,
    className,
    children,
    onClick,
    ...rest
  } = props;
  return (
    <button
      type="button"
      {...rest}
      className={buttonClass(kind, size, className)}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {busy ? <span className={styles.spinner} /> : icon}
      {children}
    </button>
  );
}

/** Button that shows an icon alone. `label` names it for everyone who can't see the icon. */
export function IconButton({ label, icon, ...rest }: ButtonProps & { readonly label: string }) {
  return (
    <Button kind="quiet" {...rest} icon={icon} aria-label={label} title={label} className={styles.icon} />
  );
}

/** Returns the class of a link that looks like a button. */
export function buttonClass(
  kind: NonNullable<ButtonProps['kind']> = 'plain',
  size: NonNullable<ButtonProps['size']> = 'normal',
  className = '',
): string {
  return [styles.button, styles[kind], size === 'small' && styles.small, className].filter(Boolean).join(' ');
}
