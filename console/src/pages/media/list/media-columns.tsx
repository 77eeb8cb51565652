import { Link } from '@tanstack/react-router';
import type { Column } from '../../../components/display/table.tsx';
import { Time } from '../../../components/display/time.tsx';
import type { ListedMedia } from '../../../queries/media.ts';
import { mediaTexts } from '../../../texts/media.ts';
import { MediaBadge } from '../media-state.tsx';
import { Thumbnail } from '../thumbnail.tsx';
import styles from './media-list.module.css';

const { columns } = mediaTexts;

export const MEDIA_COLUMNS: readonly Column<ListedMedia>[] = [
  { key: 'media', title: mediaTexts.media, cell: (media) => <Named media={media} /> },
  {
    key: 'state',
    title: columns.state,
    narrow: true,
    hideBelow: 'medium',
    cell: (media) => <MediaBadge media={media} />,
  },
  { key: 'qualities', title: columns.qualities, narrow: true, hideBelow: 'wide', cell: qualitiesText },
  {
    key: 'duration',
    title: columns.duration,
    align: 'end',
    narrow: true,
    hideBelow: 'wide',
    cell: ({ duration }) => (duration > 0 ? mediaTexts.length(duration) : '–'),
  },
  {
    key: 'size',
    title: columns.size,
    align: 'end',
    narrow: true,
    hideBelow: 'wide',
    cell: ({ size }) => (size > 0 ? mediaTexts.bytes(size) : '–'),
  },
  {
    key: 'created',
    title: columns.created,
    align: 'end',
    narrow: true,
    hideBelow: 'medium',
    cell: ({ created_at }) => <Time at={created_at} />,
  },
];

function Named({ media }: { readonly media: ListedMedia }) {
  return (
    <div className={styles.named}>
      <Thumbnail media={media} />
      <div>
        <Link to="/media/$id" params={{ id: media.id }} className={styles.title}>
          {media.title}
        </Link>
        <div className={styles.small}>
          <MediaBadge media={media} />
          <Time at={media.created_at} />
        </div>
      </div>
    </div>
  );
}

function qualitiesText({ qualities }: ListedMedia): string {
  return [...new Set(qualities.map(({ name }) => name))].join(', ');
}
