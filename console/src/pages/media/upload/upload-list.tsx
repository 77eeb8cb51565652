import { Link } from '@tanstack/react-router';
import { Pause, Play, RotateCw, X } from 'lucide-react';
import { IconButton } from '../../../components/controls/button.tsx';
import { Section } from '../../../components/display/page.tsx';
import { ProgressBar } from '../../../components/display/progress-bar.tsx';
import {
  continueUpload,
  dismiss,
  pauseUpload,
  type Upload,
  useUploads,
} from '../../../queries/uploads/uploads.ts';
import { uploadTexts as texts } from '../../../texts/media-upload.ts';
import { timeTexts } from '../../../texts/time.ts';
import { ResumeButton } from './resume-button.tsx';
import styles from './upload.module.css';

/** Uploads of this browser. Nothing is shown without uploads. */
export function UploadList() {
  const uploads = useUploads();
  if (uploads.length === 0) return null;
  return (
    <Section title={texts.list} flush>
      <ul className={styles.list}>
        {uploads.map((upload) => (
          <li key={upload.mediaId}>
            <UploadRow upload={upload} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function UploadRow({ upload }: { readonly upload: Upload }) {
  const { mediaId, title, phase, size, sentBytes, fileName, trouble } = upload;
  return (
    <div className={styles.upload}>
      <div className={styles.head}>
        <Link to="/media/$id" params={{ id: mediaId }} className={styles.title}>
          {title}
        </Link>
        <span className={styles.actions}>
          <Actions upload={upload} />
        </span>
      </div>
      <ProgressBar value={sentBytes} total={size} label={texts.progress(title)} />
      <div className={`${styles.facts} numeric`}>
        <span>{texts.sent(sentBytes, size)}</span>
        <Status upload={upload} />
      </div>
      {phase === 'unchosen' && <p className={styles.hint}>{texts.unchosen(fileName)}</p>}
      {trouble && (
        <p className={styles.fault} role="status">
          {phase === 'failed' ? trouble : texts.trouble(trouble)}
        </p>
      )}
    </div>
  );
}

function Status({ upload: { phase, speed } }: { readonly upload: Upload }) {
  if (phase === 'failed') return null;
  if (phase !== 'sending') return <span>{texts.phases[phase]}</span>;
  if (!speed) return null;
  return (
    <>
      <span>{texts.speed(speed.bytesPerSecond)}</span>
      <span>{texts.left(timeTexts.duration(Math.ceil(speed.secondsLeft) * 1000))}</span>
    </>
  );
}

function Actions({ upload: { mediaId, title, phase } }: { readonly upload: Upload }) {
  return (
    <>
      {(phase === 'sending' || phase === 'waiting') && (
        <IconButton
          size="small"
          icon={<Pause />}
          label={texts.pause(title)}
          onClick={() => pauseUpload(mediaId)}
        />
      )}
      {phase === 'paused' && (
        <IconButton
          size="small"
          icon={<Play />}
          label={texts.continue(title)}
          onClick={() => continueUpload(mediaId)}
        />
      )}
      {phase === 'failed' && (
        <IconButton
          size="small"
          icon={<RotateCw />}
          label={texts.retry(title)}
          onClick={() => continueUpload(mediaId)}
        />
      )}
      {phase === 'unchosen' && <ResumeButton mediaId={mediaId} title={title} size={null} />}
      {phase !== 'sending' && (
        <IconButton size="small" icon={<X />} label={texts.dismiss(title)} onClick={() => dismiss(mediaId)} />
      )}
    </>
  );
}
