import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Camera, ImageUp, Undo2 } from 'lucide-react';
import { useRef } from 'react';
import { Button } from '../../../components/controls/button.tsx';
import { Section } from '../../../components/display/page.tsx';
import { useToast } from '../../../components/overlays/toast.tsx';
import { MEDIA, type Media, removeThumbnail, setThumbnail } from '../../../queries/media.ts';
import { playerTexts as texts } from '../../../texts/media.ts';
import { Thumbnail } from '../thumbnail.tsx';
import { shownFrame } from './shown-frame.ts';
import styles from './thumbnail-panel.module.css';

/** Thumbnail of a media: uploaded, or taken from what the player shows. */
export function ThumbnailPanel({ media }: { readonly media: Media }) {
  const input = useRef<HTMLInputElement>(null);
  const queryClient = useQueryClient();
  const toast = useToast();
  const change = useMutation({
    mutationFn: (picture: Blob | null) =>
      picture ? setThumbnail(media.id, picture) : removeThumbnail(media.id),
    onSuccess: async (_, picture) => {
      await queryClient.invalidateQueries({ queryKey: MEDIA });
      toast({ text: picture ? texts.thumbnailSet : texts.thumbnailReset });
    },
    onError: (error) => toast({ kind: 'bad', text: error.message }),
  });
  const takeFrame = async () => {
    const picture = await shownFrame();
    if (picture) change.mutate(picture);
    else toast({ kind: 'bad', text: texts.frameMissing });
  };
  const canPlay = media.assets.hls_url + media.assets.mp4_url !== '';
  const hasPicture = media.assets.thumbnail_url !== '';
  return (
    <Section title={texts.thumbnail}>
      <Thumbnail media={media} className={styles.picture ?? ''} alt={texts.thumbnailAlt(media.title)} />
      <div className={styles.actions}>
        <input
          ref={input}
          type="file"
          accept="image/*"
          hidden
          aria-label={texts.chooseThumbnail}
          onChange={(event) => {
            const [picture] = event.target.files ?? [];
            if (picture) change.mutate(picture);
            event.target.value = '';
          }}
        />
        <Button
          size="small"
          icon={<ImageUp />}
          busy={change.isPending}
          onClick={() => input.current?.click()}
        >
          {texts.chooseThumbnail}
        </Button>
        {canPlay && (
          <Button size="small" icon={<Camera />} busy={change.isPending} onClick={takeFrame}>
            {texts.useFrame}
          </Button>
        )}
        {hasPicture && (
          <Button size="small" kind="quiet" icon={<Undo2 />} onClick={() => change.mutate(null)}>
            {texts.resetThumbnail}
          </Button>
        )}
      </div>
    </Section>
  );
}
