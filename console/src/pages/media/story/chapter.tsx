import { CircleCheck, CircleX, Clapperboard, FileCheck, FilePlus, FileUp, ListChecks } from 'lucide-react';
import type { ReactNode } from 'react';
import { Time } from '../../../components/display/time.tsx';
import type { Media } from '../../../queries/media.ts';
import type { EventType } from '../../../texts/events.ts';
import { mediaTexts } from '../../../texts/media.ts';
import { storyTexts as texts } from '../../../texts/story.ts';
import { timeTexts } from '../../../texts/time.ts';
import type { Chapter } from './arrange-story.ts';
import { DeliveryLine } from './delivery-line.tsx';
import styles from './story.module.css';

const SIGNS: Readonly<Record<EventType | 'created' | 'received', ReactNode>> = {
  created: <FilePlus />,
  received: <FileUp />,
  'file.received': <FileCheck />,
  'encoding.started': <Clapperboard />,
  'partial.finished': <ListChecks />,
  'encoding.finished': <CircleCheck />,
  'encoding.failed': <CircleX />,
};
const TONES: Readonly<Record<string, string>> = {
  'partial.finished': 'good',
  'encoding.finished': 'good',
  'encoding.failed': 'bad',
};

interface Props {
  readonly chapter: Chapter;
  /** Time of the first chapter, from which the others are counted. */
  readonly start: number;
  readonly media: Media;
}

/** One step of a media, with the deliveries of its event. */
export function ChapterRow({ chapter, start, media }: Props) {
  const name = chapter.kind === 'event' ? chapter.type : chapter.kind;
  return (
    <li className={styles.chapter} data-tone={TONES[name]}>
      <span className={styles.sign}>{SIGNS[name]}</span>
      <div className={styles.content}>
        <div className={styles.head}>
          <h3>{titleOf(chapter)}</h3>
          {chapter.kind === 'event' && <code className={styles.type}>{chapter.type}</code>}
          <When at={chapter.at} start={start} />
        </div>
        {chapter.kind === 'received' && (
          <p className={styles.hint}>{receivedText(media, Date.parse(chapter.at) - start)}</p>
        )}
        {chapter.kind === 'event' && (
          <ul className={styles.deliveries}>
            {chapter.deliveries.map((told) => (
              <DeliveryLine key={told.delivery.id} told={told} />
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}

function When({ at, start }: { readonly at: string; readonly start: number }) {
  const since = Date.parse(at) - start;
  return (
    <span className={styles.when}>
      {since > 0 && <span className="numeric">{texts.after(timeTexts.duration(since))}</span>}
      <Time at={at} show="clock" />
    </span>
  );
}

function titleOf(chapter: Chapter): string {
  if (chapter.kind !== 'event') return texts[chapter.kind];
  const qualities = chapter.qualities.split(',').join(', ');
  return chapter.type === 'partial.finished' ? texts.partial(qualities) : texts.events[chapter.type];
}

function receivedText({ size }: Media, ms: number): string {
  return texts.receivedHint(mediaTexts.bytes(size), timeTexts.duration(ms));
}
