import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { frameTexts } from '../../texts/frame.ts';
import { IconButton } from '../controls/button.tsx';
import styles from './dialog.module.css';

interface Props {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly description?: ReactNode;
  /** `side`: a panel at the right edge, for details of an item of a list that stays visible. */
  readonly place?: 'middle' | 'side' | 'left';
  readonly wide?: boolean;
  /** Buttons at the end, the most important one last. */
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}

/** Focuses the first field, or the dialog itself, so that nothing is pressed by mistake. */
function focusFirstField(event: Event): void {
  event.preventDefault();
  const content = event.currentTarget as HTMLElement;
  const field = content.querySelector<HTMLElement>('input:not([type="checkbox"]), select, textarea');
  (field ?? content).focus({ preventScroll: true });
}

/**
 * Dialog that keeps the focus until it is closed. It has no overlay of Radix, which would write a style into the page that the
 * Content-Security-Policy forbids; base.css keeps the page from scrolling instead.
 */
export function Dialog(props: Props) {
  const { open, onOpenChange, title, description, place = 'middle', wide = false, actions, children } = props;
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <div className={`${styles.backdrop} ${styles[place]}`} data-modal="">
          <Radix.Content
            className={`${styles.content} ${wide ? styles.wide : ''}`}
            {...(description ? {} : { 'aria-describedby': undefined })}
            onOpenAutoFocus={focusFirstField}
          >
            <header className={styles.header}>
              <Radix.Title asChild>
                <h2>{title}</h2>
              </Radix.Title>
              <Radix.Close asChild>
                <IconButton icon={<X />} label={frameTexts.close} size="small" />
              </Radix.Close>
            </header>
            <div className={styles.body}>
              {description && (
                <Radix.Description asChild>
                  <div className={styles.description}>{description}</div>
                </Radix.Description>
              )}
              {children}
            </div>
            {actions && <footer className={styles.actions}>{actions}</footer>}
          </Radix.Content>
        </div>
      </Radix.Portal>
    </Radix.Root>
  );
}
