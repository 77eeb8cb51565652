import { FolderOpen } from 'lucide-react';
import { useRef } from 'react';
import { Button } from '../../../components/controls/button.tsx';
import { useToast } from '../../../components/overlays/toast.tsx';
import { isFileOf, rememberedOf } from '../../../queries/uploads/remembered.ts';
import { begin } from '../../../queries/uploads/uploads.ts';
import { useSession } from '../../../queries/use-session.ts';
import { mediaTexts } from '../../../texts/media.ts';
import { uploadTexts as texts } from '../../../texts/media-upload.ts';

interface Props {
  readonly mediaId: string;
  readonly title: string;
  /** Bytes of the file, if the service knows them; `null`: it does not, or this browser remembers the file. */
  readonly size: number | null;
}

/** Asks for the file of an unfinished upload, and continues with it if it is the same file. */
export function ResumeButton({ mediaId, title, size }: Props) {
  const { account } = useSession();
  const input = useRef<HTMLInputElement>(null);
  const toast = useToast();
  const take = (file: File | undefined) => {
    if (!file) return;
    const remembered = rememberedOf(account.id).find((one) => one.mediaId === mediaId);
    if (remembered && !isFileOf(remembered, file)) {
      toast({ kind: 'bad', text: texts.otherFile(remembered.name, mediaTexts.bytes(remembered.size)) });
    } else if (size !== null && size !== file.size) {
      toast({ kind: 'bad', text: texts.otherSize(mediaTexts.bytes(size)) });
    } else {
      const { name, size: bytes, lastModified: modified } = file;
      begin(file, { mediaId, accountId: account.id, title, name, size: bytes, modified });
    }
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={texts.choose}
        onChange={(event) => {
          take(event.target.files?.[0]);
          event.target.value = '';
        }}
      />
      <Button size="small" icon={<FolderOpen />} onClick={() => input.current?.click()}>
        {texts.choose}
      </Button>
    </>
  );
}
