import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Note } from '../../../components/display/notes.tsx';
import { Section } from '../../../components/display/page.tsx';
import { isReceived, MEDIA, type Media } from '../../../queries/media.ts';
import { takeUp, useUploads } from '../../../queries/uploads/uploads.ts';
import { useSession } from '../../../queries/use-session.ts';
import { mediaTexts } from '../../../texts/media.ts';
import { uploadTexts as texts } from '../../../texts/media-upload.ts';
import { ResumeButton } from '../upload/resume-button.tsx';
import { UploadRow } from '../upload/upload-list.tsx';

/** Progress of the upload of a media, or how to continue it. Shows nothing once the file was received. */
export function UploadPanel({ media }: { readonly media: Media }) {
  const { account } = useSession();
  const queryClient = useQueryClient();
  useEffect(() => {
    void takeUp(account.id, () => void queryClient.invalidateQueries({ queryKey: MEDIA }));
  }, [account.id, queryClient]);
  const upload = useUploads().find(({ mediaId }) => mediaId === media.id);
  if (isReceived(media)) return null;
  if (upload && upload.phase !== 'done') {
    return (
      <Section title={texts.list} flush>
        <UploadRow upload={upload} />
      </Section>
    );
  }
  const { size, received_bytes: received } = media.upload;
  return (
    <Note
      tone="warn"
      title={texts.unfinishedTitle}
      action={<ResumeButton mediaId={media.id} title={media.title} size={size} />}
    >
      {size === null || received === 0
        ? texts.unfinishedNothing
        : texts.unfinished(mediaTexts.bytes(received), mediaTexts.bytes(size))}
    </Note>
  );
}
