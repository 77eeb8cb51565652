import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answerOf, api, CONSOLE_HEADERS } from '../api/client.ts';
import { ApiError, errorOf, UNREACHABLE } from '../api/errors.ts';
import type { operations } from '../api/generated/api.d.ts';

type ListAnswer = operations['listMediaByQuery']['responses'][200]['content']['application/json'];
type OneAnswer = operations['getMedia']['responses'][200]['content']['application/json'];
export type NewMedia = operations['createMedia']['requestBody']['content']['application/json'];

// The client leaves a field out of its types that is always null.
export type ListedMedia = Omit<ListAnswer['data']['media'][number], 'player_theme'>;
export type Media = Omit<OneAnswer['data'], 'player_theme'>;
export type Quality = Media['qualities'][number];
export type MediaStatus = ListedMedia['status'];

/** Media on a page of the list. */
export const PAGE_SIZE = 25;
/** Milliseconds between two looks at media that are being encoded, and at others. */
const PROGRESS_MS = 1000;
const LIST_PROGRESS_MS = 3000;
const REFRESH_MS = 15_000;

/** Keys of all queries about media begin with this. */
export const MEDIA = ['media'] as const;

export interface MediaFilters {
  readonly search?: string | undefined;
  readonly status?: MediaStatus | undefined;
}

export function mediaListQuery({ search, status }: MediaFilters, page: number) {
  const query = {
    limit: PAGE_SIZE,
    offset: (page - 1) * PAGE_SIZE,
    ...(search && { search }),
    ...(status && { status: [status] }),
  };
  return queryOptions({
    queryKey: [...MEDIA, 'list', query],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/api/media', { params: { query }, signal }))).data,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.media.some(isEncoding) ? LIST_PROGRESS_MS : REFRESH_MS),
  });
}

export function mediaQuery(id: string) {
  const params = { path: { id } };
  return queryOptions({
    queryKey: [...MEDIA, 'one', id],
    queryFn: async ({ signal }) => (await answerOf(api.GET('/api/media/{id}', { params, signal }))).data,
    refetchInterval: ({ state }) => (state.data && isEncoding(state.data) ? PROGRESS_MS : REFRESH_MS),
  });
}

export async function createMedia(body: NewMedia): Promise<Media> {
  return (await answerOf(api.POST('/api/media/create', { body }))).data;
}

export async function renameMedia(id: string, title: string): Promise<void> {
  await answerOf(api.PATCH('/api/media/{id}', { params: { path: { id } }, body: { title } }));
}

export async function deleteMedia(id: string): Promise<void> {
  await answerOf(api.DELETE('/api/media/{id}', { params: { path: { id } } }));
}

/** Gives a media a thumbnail of its own. */
export async function setThumbnail(id: string, picture: Blob): Promise<void> {
  const body = new FormData();
  body.set('file', picture, 'thumbnail');
  const response = await fetch(`/api/media/${id}/thumbnail`, {
    method: 'POST',
    headers: CONSOLE_HEADERS,
    credentials: 'same-origin',
    body,
  }).catch((cause: unknown): never => {
    throw new ApiError(UNREACHABLE, { cause });
  });
  if (!response.ok) throw errorOf(await response.json().catch(() => null), response);
}

/** Removes a media's own thumbnail, so that the one that was taken from the file is shown again. */
export async function removeThumbnail(id: string): Promise<void> {
  await answerOf(api.DELETE('/api/media/{id}/thumbnail', { params: { path: { id } } }));
}

/** Returns whether the whole file of a media has arrived. */
export function isReceived(media: Pick<ListedMedia, 'assets'>): boolean {
  return media.assets.source_url !== '';
}

/** Returns whether the service has work to do for a media. */
export function isEncoding(media: Pick<ListedMedia, 'assets' | 'status'>): boolean {
  return media.status === 'transcoding' || (media.status === 'new' && isReceived(media));
}

/**
 * Returns the address of a file on the host of this page, because the URLs of answers begin with the public URL, which need not
 * be the one in the browser. An empty text stays empty.
 */
export function localUrl(url: string): string {
  const at = url.indexOf('/assets/');
  return at === -1 ? '' : url.slice(at);
}
