import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ServiceError } from '../../../domain/errors.ts';
import type { Media } from '../../../domain/media.ts';
import type { MediaLinks } from '../../../media/links.ts';
import { mayReadAll } from '../../hooks/authentication.ts';

/** A path's part of a signed link: what was signed looks like this, and nothing else is looked at. */
export const LinkToken = Type.String({
  maxLength: 100,
  pattern: '^[\\w.-]+$',
  description: 'When the link expires, and its signature.',
  examples: ['1767258000.Zm9yIGV4YW1wbGU'],
});

/**
 * Whether the files of a media are shown: it is public, or the request brings its account's credentials, or the token
 * of a signed link. @throws ApiError `link_expired` where it brings one of ours that is past its time
 */
export function mayReadFiles(
  request: FastifyRequest,
  media: Media,
  { links, token }: { readonly links: MediaLinks; readonly token?: string | undefined },
): boolean {
  if (media.isPublic || mayReadAll(request, media.userId)) return true;
  const state = token === undefined ? 'wrong' : links.check(media.id, token);
  if (state === 'expired') {
    throw new ServiceError('link_expired', 'the link has expired; the API gives a new one with the media');
  }
  return state === 'good';
}
