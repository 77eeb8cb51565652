import { Badge, type Tone } from '../../../components/display/badge.tsx';
import { ProgressBar } from '../../../components/display/progress-bar.tsx';
import type { Media, Quality } from '../../../queries/media.ts';
import { mediaTexts as texts } from '../../../texts/media.ts';
import styles from './qualities.module.css';

const TONES: Readonly<Record<Quality['status'], Tone>> = {
  waiting: 'neutral',
  transcoding: 'accent',
  done: 'good',
  fail: 'bad',
};

/** Qualities of a media, with the progress of those that are being encoded. */
export function Qualities({ media: { qualities, status } }: { readonly media: Media }) {
  return (
    <ul className={styles.list}>
      {qualities.map((quality, index) => (
        // A media may have the same quality twice, and their order never changes.
        // biome-ignore lint/suspicious/noArrayIndexKey: the place identifies the quality
        <QualityRow key={index} quality={quality} hasEnded={status === 'fail'} />
      ))}
    </ul>
  );
}

interface RowProps {
  readonly quality: Quality;
  /** Whether nothing more is encoded. */
  readonly hasEnded: boolean;
}

function QualityRow({ quality, hasEnded }: RowProps) {
  const { name, type, status, progress, video_codec } = quality;
  const state = hasEnded && status === 'waiting' ? texts.notEncoded : texts.qualityStates[status];
  return (
    <li className={styles.quality}>
      <div className={styles.head}>
        <span>
          <strong>{name}</strong>
          <span className={styles.kind}>
            {type.toUpperCase()}
            {name.endsWith('p') && ` · ${video_codec === 'h265' ? 'H.265' : 'H.264'}`}
          </span>
        </span>
        <Badge tone={TONES[status]}>{status === 'transcoding' ? `${progress}%` : state}</Badge>
      </div>
      {status === 'transcoding' && (
        <ProgressBar value={progress} total={100} label={texts.qualityProgress(name, progress)} />
      )}
    </li>
  );
}
