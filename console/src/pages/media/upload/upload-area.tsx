import { useQueryClient } from '@tanstack/react-query';
import { Upload } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { MEDIA } from '../../../queries/media.ts';
import { continueWith, takeUp } from '../../../queries/uploads/uploads.ts';
import { useSession } from '../../../queries/use-session.ts';
import { uploadTexts as texts } from '../../../texts/media-upload.ts';
import styles from './upload.module.css';
import { UploadDialog } from './upload-dialog.tsx';

interface Props {
  /** @param choose opens the browser's choice of files */
  readonly children: (choose: () => void) => ReactNode;
}

/** Takes files that are dropped anywhere on the page, or chosen. Files of unfinished uploads continue at once. */
export function UploadArea({ children }: Props) {
  const { account } = useSession();
  const queryClient = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [files, setFiles] = useState<readonly File[]>([]);
  useEffect(() => {
    void takeUp(account.id, () => void queryClient.invalidateQueries({ queryKey: MEDIA }));
  }, [account.id, queryClient]);
  const take = (list: FileList | null) => setFiles(continueWith([...(list ?? [])]));
  const isOver = useDrop(take);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept="video/*,audio/*,.mkv,.ts,.mxf"
        onChange={(event) => {
          take(event.target.files);
          event.target.value = '';
        }}
        aria-label={texts.files}
      />
      {children(() => input.current?.click())}
      {isOver && (
        <div className={styles.over}>
          <div>
            <Upload />
            {texts.dropTitle}
          </div>
        </div>
      )}
      {files.length > 0 && <UploadDialog files={files} onClose={() => setFiles([])} />}
    </>
  );
}

/** Takes files that are dropped on the window. Returns whether files are being dragged over it. */
function useDrop(onFiles: (files: FileList | null) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  const handler = useRef(onFiles);
  handler.current = onFiles;
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(true);
    };
    const leave = (event: DragEvent) => event.relatedTarget === null && setIsOver(false);
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(false);
      handler.current(event.dataTransfer?.files ?? null);
    };
    const events = { dragenter: over, dragover: over, dragleave: leave, drop };
    for (const [name, listener] of Object.entries(events))
      window.addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of Object.entries(events))
        window.removeEventListener(name, listener as EventListener);
    };
  }, []);
  return isOver;
}
