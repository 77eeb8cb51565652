import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { CopyButton } from '../../../components/controls/copy-button.tsx';
import { ErrorState, Note, sentence } from '../../../components/display/notes.tsx';
import { Facts, Page, Section } from '../../../components/display/page.tsx';
import { Skeleton } from '../../../components/display/skeleton.tsx';
import { Time } from '../../../components/display/time.tsx';
import { isReceived, localUrl, type Media, mediaQuery } from '../../../queries/media.ts';
import { mediaTexts as texts } from '../../../texts/media.ts';
import { MediaBadge } from '../media-state.tsx';
import { Story } from '../story/story.tsx';
import { MediaActions } from './media-actions.tsx';
import styles from './media-page.module.css';
import { Player } from './player.tsx';
import { Qualities } from './qualities.tsx';
import { ThumbnailPanel } from './thumbnail-panel.tsx';
import { UploadPanel } from './upload-panel.tsx';

const route = getRouteApi('/shell/media/$id');

export function MediaPage() {
  const { id } = route.useParams();
  const { data: media, error, refetch } = useQuery(mediaQuery(id));
  const back = <Link to="/media">{texts.title}</Link>;
  if (!media) {
    return (
      <Page title={texts.media} back={back}>
        <Section flush>
          {error ? <ErrorState error={error} onRetry={refetch} /> : <Skeleton lines={6} />}
        </Section>
      </Page>
    );
  }
  const heading = (
    <>
      {media.title}
      <MediaBadge media={media} />
    </>
  );
  return (
    <Page title={media.title} heading={heading} back={back} actions={<MediaActions media={media} />}>
      <UploadPanel media={media} />
      <Trouble media={media} />
      {isReceived(media) && (
        <div className={styles.top}>
          {!isLost(media) && <Player media={media} />}
          <Section title={texts.qualities} flush>
            <Qualities media={media} />
          </Section>
        </div>
      )}
      <Story id={id} media={media} />
      <div className={styles.bottom}>
        <Section title={texts.details}>
          <Details media={media} />
        </Section>
        {media.type === 'video' && isReceived(media) && <ThumbnailPanel media={media} />}
      </div>
    </Page>
  );
}

/** Returns whether there is nothing to play, and never will be. */
function isLost({ status, assets: { hls_url, dash_url, mp4_url } }: Media): boolean {
  return status === 'fail' && hls_url + dash_url + mp4_url === '';
}

function Trouble({ media: { error, notes } }: { readonly media: Media }) {
  return (
    <>
      {error !== null && (
        <Note tone="bad" title={texts.failedTitle}>
          <p>{sentence(error)}</p>
          <p>{texts.failedHint}</p>
        </Note>
      )}
      {notes.length > 0 && (
        <Note tone="warn" title={texts.notes}>
          <ul className={styles.notes}>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Note>
      )}
    </>
  );
}

function Details({ media }: { readonly media: Media }) {
  const { facts } = texts;
  const { id, type, duration, size, is_public, created_at, assets } = media;
  const [mp4, source] = [localUrl(assets.mp4_url), localUrl(assets.source_url)];
  return (
    <Facts
      items={[
        [
          facts.id,
          <span key="id" className={styles.id}>
            <span className="mono">{id}</span>
            <CopyButton text={id} label={texts.copyId} />
          </span>,
        ],
        [facts.type, texts.types[type]],
        duration > 0 && [
          facts.duration,
          <span key="d" className="numeric">
            {texts.length(duration)}
          </span>,
        ],
        size > 0 && [
          facts.size,
          <span key="s" className="numeric">
            {texts.bytes(size)}
          </span>,
        ],
        [facts.visibility, is_public ? texts.isPublic : texts.isPrivate],
        [facts.created, <Time key="c" at={created_at} show="absolute" />],
        mp4 !== '' && [
          facts.mp4,
          <a key="m" href={mp4} download>
            {texts.getMp4}
          </a>,
        ],
        source !== '' && [
          facts.source,
          <a key="r" href={source} download>
            {texts.getSource}
          </a>,
        ],
      ]}
    />
  );
}
