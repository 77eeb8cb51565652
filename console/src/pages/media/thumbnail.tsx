import { AudioLines, Film } from 'lucide-react';
import { type ListedMedia, localUrl } from '../../queries/media.ts';
import styles from './thumbnail.module.css';

interface Props {
  readonly media: Pick<ListedMedia, 'assets' | 'type' | 'updated_at'>;
  readonly alt?: string;
  readonly className?: string;
}

/** Thumbnail of a media, or a sign of its type. */
export function Thumbnail({ media: { assets, type, updated_at }, alt = '', className = '' }: Props) {
  const url = localUrl(assets.thumbnail_url);
  return (
    <span className={`${styles.frame} ${className}`}>
      {url ? (
        // The time makes the browser load the picture again after a change.
        <img src={`${url}?at=${Date.parse(updated_at)}`} alt={alt} loading="lazy" />
      ) : type === 'audio' ? (
        <AudioLines aria-hidden />
      ) : (
        <Film aria-hidden />
      )}
    </span>
  );
}
