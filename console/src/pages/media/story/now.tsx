import { ProgressBar } from '../../../components/display/progress-bar.tsx';
import { isReceived, type Media } from '../../../queries/media.ts';
import { mediaTexts } from '../../../texts/media.ts';
import { storyTexts as texts } from '../../../texts/story.ts';
import styles from './story.module.css';

/** Last entry of a story: what happens now. */
export function Now({ media }: { readonly media: Media }) {
  const encoding = media.qualities.filter(({ status }) => status === 'transcoding');
  return (
    <li className={styles.chapter} data-tone="now">
      <span className={styles.sign}>
        <span className={styles.pulse} />
      </span>
      <div className={styles.content}>
        <div className={styles.head}>
          <h3>{titleOf(media)}</h3>
        </div>
        {encoding.map(({ name, progress }) => (
          <div key={name} className={styles.encoding}>
            <span className="numeric">{name}</span>
            <ProgressBar value={progress} total={100} label={mediaTexts.qualityProgress(name, progress)} />
            <span className="numeric">{progress}%</span>
          </div>
        ))}
      </div>
    </li>
  );
}

function titleOf(media: Media): string {
  if (media.status === 'done') return texts.doneNow;
  if (media.status === 'fail') return texts.failedNow;
  if (media.status === 'transcoding') return texts.encodingNow;
  return isReceived(media) ? texts.waitingNow : texts.uploadingNow;
}
