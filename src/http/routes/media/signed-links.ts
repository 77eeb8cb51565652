import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ServiceError } from '../../../domain/errors.ts';
import type { Media } from '../../../domain/media.ts';
import type { MediaLinks } from '../../../media/links.ts';
import { mayReadAll } from '../../hooks/authentication.ts';

/**
 * Path parameter that contains the token of a signed link. A token that does not match the pattern is refused
 * before its signature is checked.
 */
export const LinkToken = Type.String({
  maxLength: 100,
  pattern: '^[\\w.-]+$',
  description: 'The time when the link expires, and its signature.',
  examples: ['1767258000.Zm9yIGV4YW1wbGU'],
});

/**
 * Returns whether a request is allowed to read the files of a media: the media is public, the request has the
 * credentials of the media's account, or the request has the valid token of a signed link.
 * @throws ServiceError `link_expired` if the token has a valid signature, but has expired
 */
export function mayReadFiles(
  request: FastifyRequest,
  media: Media,
  { links, token }: { readonly links: MediaLinks; readonly token?: string | undefined },
): boolean {
  if (media.isPublic || mayReadAll(request, media.userId)) return true;
  const state = token === undefined ? 'invalid' : links.check(media.id, token);
  if (state === 'expired') {
    throw new ServiceError('link_expired', 'the link has expired; get a new one from the media in the API');
  }
  return state === 'valid';
}
