import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, buttonClass } from '../../../components/controls/button.tsx';
import { ErrorState, Note } from '../../../components/display/notes.tsx';
import { Section } from '../../../components/display/page.tsx';
import { Skeleton } from '../../../components/display/skeleton.tsx';
import { isEncoding, type Media } from '../../../queries/media.ts';
import { storyQuery } from '../../../queries/story.ts';
import { storyTexts as texts } from '../../../texts/story.ts';
import { chaptersOf } from './arrange-story.ts';
import { ChapterRow } from './chapter.tsx';
import { Now } from './now.tsx';
import styles from './story.module.css';

/** The story of a media: its upload, its events, and each attempt to each webhook, as one time line. */
export function Story({ id, media }: { readonly id: string; readonly media: Media }) {
  const story = useInfiniteQuery(storyQuery(id, isEncoding(media)));
  return (
    <Section title={texts.title} description={texts.description} flush>
      {story.data ? (
        <div className={styles.story}>
          {story.hasNextPage && (
            <Button size="small" busy={story.isFetchingNextPage} onClick={() => story.fetchNextPage()}>
              {texts.earlier}
            </Button>
          )}
          <TimeLine entries={story.data.pages.toReversed().flatMap(({ entries }) => entries)} media={media} />
        </div>
      ) : story.error ? (
        <ErrorState error={story.error} onRetry={story.refetch} />
      ) : (
        <Skeleton lines={6} />
      )}
    </Section>
  );
}

interface LineProps {
  readonly entries: Parameters<typeof chaptersOf>[0];
  readonly media: Media;
}

function TimeLine({ entries, media }: LineProps) {
  const chapters = chaptersOf(entries);
  const start = Date.parse(chapters[0]?.at ?? media.created_at);
  const hasEvents = chapters.some(({ kind }) => kind === 'event');
  const hasEnded = media.status === 'done' || media.status === 'fail';
  return (
    <>
      <ol className={styles.line}>
        {chapters.map((chapter) => (
          <ChapterRow
            key={chapter.kind === 'event' ? chapter.id : chapter.kind}
            chapter={chapter}
            start={start}
            media={media}
          />
        ))}
        {(isEncoding(media) || !hasEnded || !hasEvents) && <Now media={media} />}
      </ol>
      {hasEnded && !hasEvents && (
        <Note
          title={texts.noWebhooksTitle}
          action={
            <Link to="/webhooks" className={buttonClass('plain', 'small')}>
              {texts.toWebhooks}
            </Link>
          }
        >
          {texts.noWebhooks}
        </Note>
      )}
    </>
  );
}
