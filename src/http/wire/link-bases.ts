import type { Media } from '../../domain/media.ts';
import type { MediaLinks } from '../../media/links.ts';

/** What the links of a media begin with. */
export interface LinkBases {
  /** Of what is its account's alone, and asks for credentials. */
  readonly account: string;
  /** Of its files: as they are where it is public, else signed, and good for a while. */
  readonly files: string;
  /** Of pages with players. */
  readonly player: string;
}

export function linkBases(
  { id, isPublic }: Pick<Media, 'id' | 'isPublic'>,
  publicUrl: string,
  links: MediaLinks,
): LinkBases {
  const path = isPublic ? id : `t/${links.tokenFor(id)}/${id}`;
  return {
    account: `${publicUrl}/assets/${id}`,
    files: `${publicUrl}/assets/${path}`,
    player: `${publicUrl}/player/${path}`,
  };
}
