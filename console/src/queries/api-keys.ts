import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client.ts';
import type { operations } from '../api/generated/api.d.ts';

type ListAnswer = operations['listApiKeys']['responses'][200]['content']['application/json'];
type CreateAnswer = operations['createApiKey']['responses'][201]['content']['application/json'];

export type ApiKey = ListAnswer['data']['api_keys'][number];
export type NewApiKey = CreateAnswer['data']['api_key'];
export type ApiKeyInput = operations['createApiKey']['requestBody']['content']['application/json'];

/** Maximum number of keys on a page. */
export const KEY_PAGE_SIZE = 25;

/** Keys of all queries about API keys begin with this. */
export const API_KEYS = ['api-keys'] as const;

/** @param page number of the page, from 1 */
export function apiKeysQuery(page: number) {
  const query = { offset: (page - 1) * KEY_PAGE_SIZE, limit: KEY_PAGE_SIZE };
  return queryOptions({
    queryKey: [...API_KEYS, query],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/api/api_keys', { params: { query }, signal }))).data,
    placeholderData: keepPreviousData,
  });
}

/** Returns the new key with its secret, which no other answer has. */
export async function createApiKey(body: ApiKeyInput): Promise<NewApiKey> {
  return (await answerOf(api.POST('/api/api_keys', { body }))).data.api_key;
}

export async function renameApiKey(id: string, name: string): Promise<void> {
  const params = { path: { id } };
  await answerOf(api.PATCH('/api/api_keys/{id}', { params, body: { api_key_name: name } }));
}

export async function deleteApiKey(id: string): Promise<void> {
  await answerOf(api.DELETE('/api/api_keys/{id}', { params: { path: { id } } }));
}
