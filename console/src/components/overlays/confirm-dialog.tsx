import type { ReactNode } from 'react';
import { frameTexts } from '../../texts/frame.ts';
import { Button } from '../controls/button.tsx';
import { ErrorNote } from '../display/notes.tsx';
import { Dialog } from './dialog.tsx';

interface Props {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** The question, such as "Delete the webhook?". */
  readonly title: string;
  /** Tells what is lost, and what stays. */
  readonly description: ReactNode;
  /** Text of the button that does it: a verb with its object. */
  readonly action: string;
  readonly danger?: boolean;
  readonly busy?: boolean;
  readonly error?: unknown;
  readonly onConfirm: () => void;
}

/** Asks before something happens that can't be undone. */
export function ConfirmDialog(props: Props) {
  const {
    open,
    onOpenChange,
    title,
    description,
    action,
    danger = true,
    busy = false,
    error,
    onConfirm,
  } = props;
  const actions = (
    <>
      <Button onClick={() => onOpenChange(false)}>{frameTexts.cancel}</Button>
      <Button kind={danger ? 'danger' : 'primary'} busy={busy} onClick={onConfirm}>
        {action}
      </Button>
    </>
  );
  return (
    <Dialog {...{ open, onOpenChange, title, description, actions }}>
      {error ? <ErrorNote error={error} /> : null}
    </Dialog>
  );
}
