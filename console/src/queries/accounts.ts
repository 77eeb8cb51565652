import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client.ts';
import type { operations } from '../api/generated/api.d.ts';

type ListAnswer = operations['listAccounts']['responses'][200]['content']['application/json'];
type CreateAnswer = operations['createAccount']['responses'][201]['content']['application/json'];
type LinkAnswer = operations['createConsoleLink']['responses'][201]['content']['application/json'];

export type Account = ListAnswer['data']['accounts'][number];
export type AccountInput = operations['createAccount']['requestBody']['content']['application/json'];
export type MadeAccount = CreateAnswer['data'];
export type ConsoleLink = LinkAnswer['data'];

/** Maximum number of accounts on a page. */
export const ACCOUNT_PAGE_SIZE = 50;

/** Keys of all queries about accounts begin with this. */
export const ACCOUNTS = ['accounts'] as const;

/** @param page number of the page, from 1 */
export function accountsQuery({ search, page }: { readonly search: string; readonly page: number }) {
  const query = {
    ...(search && { search }),
    offset: (page - 1) * ACCOUNT_PAGE_SIZE,
    limit: ACCOUNT_PAGE_SIZE,
  };
  return queryOptions({
    queryKey: [...ACCOUNTS, query],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/api/accounts', { params: { query }, signal }))).data,
    placeholderData: keepPreviousData,
  });
}

/** Returns the new account with its first API key, whose secret no other answer has. */
export async function createAccount(body: AccountInput): Promise<MadeAccount> {
  return (await answerOf(api.POST('/api/accounts', { body }))).data;
}

export async function setDisabled(id: string, isDisabled: boolean): Promise<void> {
  const params = { path: { id } };
  await answerOf(api.PATCH('/api/accounts/{id}', { params, body: { is_disabled: isDisabled } }));
}

/** Returns a link that signs the account in, once. */
export async function createConsoleLink(id: string): Promise<ConsoleLink> {
  return (await answerOf(api.POST('/api/accounts/{id}/console-links', { params: { path: { id } } }))).data;
}
