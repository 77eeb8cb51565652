import { Play } from 'lucide-react';
import { useRef, useState } from 'react';
import { CopyButton } from '../../../components/controls/copy-button.tsx';
import { Segmented } from '../../../components/controls/segmented.tsx';
import { EmptyState, Note } from '../../../components/display/notes.tsx';
import { isEncoding, localUrl, type Media } from '../../../queries/media.ts';
import { playerTexts as texts } from '../../../texts/media.ts';
import styles from './player.module.css';
import { AUTO, usePlayback } from './use-playback.ts';

/** Player of a media: the browser's own controls, which work with the keyboard and everywhere, and the choice of a quality. */
export function Player({ media }: { readonly media: Media }) {
  const { hls_url, dash_url, mp4_url } = media.assets;
  if (hls_url !== '' || mp4_url !== '') return <Playing key={finishedOf(media)} media={media} />;
  const note =
    dash_url !== '' ? (
      <>
        {texts.dashOnly} <CopyButton wide text={dash_url} label={texts.manifest} />
      </>
    ) : isEncoding(media) ? (
      texts.notYet
    ) : (
      ''
    );
  return (
    <div className={styles.nothing}>
      <EmptyState icon={<Play />} title={isEncoding(media) ? texts.notYetTitle : texts.noVideo} hint={note} />
    </div>
  );
}

/** Returns a key that changes when another quality can be played, because playlists are read once. */
function finishedOf({ qualities }: Media): string {
  return qualities.map(({ status }) => (status === 'done' ? '1' : '0')).join('');
}

function Playing({ media }: { readonly media: Media }) {
  const { title, type, assets } = media;
  const element = useRef<HTMLVideoElement>(null);
  // Signed addresses change with each answer; the first one stays valid for long enough.
  const [hls] = useState(localUrl(assets.hls_url));
  const [mp4] = useState(localUrl(assets.mp4_url));
  const { levels, chosen, current, choose, error } = usePlayback(element, hls, mp4);
  const poster = localUrl(assets.thumbnail_url);
  const name = (index: number) => {
    const level = levels[index];
    if (!level) return '';
    return level.height > 0
      ? texts.height(Math.min(level.width, level.height))
      : texts.bitrate(level.bitrate);
  };
  const auto = chosen === AUTO && current !== null ? texts.autoNow(name(current)) : texts.auto;
  return (
    <div className={styles.player} data-type={type}>
      <video
        ref={element}
        controls
        playsInline
        preload="metadata"
        aria-label={texts.player(title)}
        {...(poster && { poster })}
      />
      {levels.length > 1 && (
        <div className={styles.bar}>
          <span>{texts.quality}</span>
          <Segmented
            label={texts.quality}
            value={String(chosen)}
            options={[
              { value: String(AUTO), label: auto },
              ...levels.map((_, index) => ({ value: String(index), label: name(index) })),
            ]}
            onChange={(value) => choose(Number(value))}
          />
        </div>
      )}
      {error && (
        <Note tone="bad" role="alert" title={error === 'unsupported' ? texts.unsupported : texts.failed}>
          {error === 'failed' && texts.failedHint}
        </Note>
      )}
    </div>
  );
}
