import { useQueryClient } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button } from '../../../components/controls/button.tsx';
import { Note, sentence } from '../../../components/display/notes.tsx';
import { ProgressBar } from '../../../components/display/progress-bar.tsx';
import { Dialog } from '../../../components/overlays/dialog.tsx';
import { DELIVERIES, type Delivery } from '../../../queries/deliveries.ts';
import { deliveryTexts, resendTexts as texts } from '../../../texts/deliveries.ts';
import { frameTexts } from '../../../texts/frame.ts';
import styles from './resend.module.css';
import { type Progress, resendMany } from './resend-many.ts';

interface Props {
  readonly selected: ReadonlySet<string>;
  readonly shown: readonly Delivery[];
  readonly onSelect: (selected: ReadonlySet<string>) => void;
}

/** Bar at the bottom that says how many deliveries are selected, and sends them again. */
export function SelectionBar({ selected, shown, onSelect }: Props) {
  const [progress, setProgress] = useState<Progress | null>(null);
  const aborter = useRef(new AbortController());
  const queryClient = useQueryClient();
  const start = async () => {
    aborter.current = new AbortController();
    await resendMany([...selected], setProgress, aborter.current.signal);
    onSelect(new Set());
    await queryClient.invalidateQueries({ queryKey: DELIVERIES });
  };
  const close = () => {
    aborter.current.abort();
    setProgress(null);
  };
  return (
    <>
      {selected.size > 0 && (
        <div className={styles.bar}>
          <strong className="numeric" role="status">
            {deliveryTexts.selected(selected.size)}
          </strong>
          <Button size="small" kind="quiet" onClick={() => onSelect(new Set(shown.map(({ id }) => id)))}>
            {deliveryTexts.selectAll}
          </Button>
          <Button size="small" kind="quiet" onClick={() => onSelect(new Set())}>
            {deliveryTexts.unselect}
          </Button>
          <Button size="small" kind="primary" icon={<RotateCw />} onClick={start}>
            {texts.selected(selected.size)}
          </Button>
        </div>
      )}
      {progress && <ProgressDialog progress={progress} onClose={close} />}
    </>
  );
}

function ProgressDialog({
  progress,
  onClose,
}: {
  readonly progress: Progress;
  readonly onClose: () => void;
}) {
  const { done, refused, total, firstError, isRunning } = progress;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={texts.progress}
      actions={<Button onClick={onClose}>{isRunning ? texts.stop : frameTexts.close}</Button>}
    >
      <ProgressBar value={done + refused} total={total} label={texts.progress} />
      <p role="status" className="numeric">
        {isRunning ? texts.done(done, total) : texts.doneAll(done)}
      </p>
      {firstError && (
        <Note tone="bad" title={texts.refused(refused)}>
          {sentence(firstError.message)}
        </Note>
      )}
    </Dialog>
  );
}
