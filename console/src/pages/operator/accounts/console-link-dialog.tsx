import { useMutation } from '@tanstack/react-query';
import { Button } from '../../../components/controls/button.tsx';
import { CodeBlock } from '../../../components/display/code-block.tsx';
import { ErrorNote, Note } from '../../../components/display/notes.tsx';
import { Time } from '../../../components/display/time.tsx';
import { Dialog } from '../../../components/overlays/dialog.tsx';
import { type Account, createConsoleLink } from '../../../queries/accounts.ts';
import { frameTexts } from '../../../texts/frame.ts';
import { operatorTexts } from '../../../texts/operator.ts';
import styles from './accounts.module.css';

const texts = operatorTexts.link;

interface Props {
  readonly account: Account;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Issues a link with which the owner of an account signs in, once. */
export function ConsoleLinkDialog({ account: { id, email }, open, onClose }: Props) {
  // The link is forgotten as soon as the dialog is closed.
  const { mutate, isPending, error, data, reset } = useMutation({
    mutationFn: () => createConsoleLink(id),
    gcTime: 0,
  });
  const close = () => {
    reset();
    onClose();
  };
  const actions = data ? (
    <Button kind="primary" onClick={close}>
      {texts.done}
    </Button>
  ) : (
    <>
      <Button onClick={close}>{frameTexts.cancel}</Button>
      <Button kind="primary" busy={isPending} onClick={() => mutate()}>
        {texts.create}
      </Button>
    </>
  );
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title={texts.title(email)}
      description={texts.text}
      actions={actions}
      wide
    >
      <div className={styles.made}>
        {data && (
          <>
            <CodeBlock label={texts.label} code={data.url} wrap />
            <p>
              {texts.until} <Time at={data.expires_at} show="absolute" />.
            </p>
          </>
        )}
        <Note>{texts.audited}</Note>
        {error && <ErrorNote error={error} />}
      </div>
    </Dialog>
  );
}
