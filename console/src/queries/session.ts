import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client.ts';
import { isSignedOut } from '../api/errors.ts';
import type { operations } from '../api/generated/api.d.ts';

type Answer = operations['getConsoleSession']['responses'][200]['content']['application/json'];

/** Account that is signed in, and what the service lets the console do. */
export type Session = Answer['data'];

/** Credentials of a sign-in. */
export type Proof =
  | { readonly email: string; readonly password: string }
  | { readonly public_key: string; readonly secret_key: string }
  | { readonly link: string };

/** The session; `null`: nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: readSession,
  staleTime: 5 * 60_000,
});

async function readSession(): Promise<Session | null> {
  try {
    return (await answerOf(api.GET('/api/console/session'))).data;
  } catch (error) {
    if (isSignedOut(error)) return null;
    throw error;
  }
}

/** Signs in. @throws ApiError if the service refuses the proof */
export async function signIn(body: Proof): Promise<Session> {
  return (await answerOf(api.POST('/api/console/session', { body }))).data;
}

export async function signOut(): Promise<void> {
  await answerOf(api.DELETE('/api/console/session'));
}

/** Changes the password, which ends all other sessions. @throws ApiError if the current one is wrong, or the new one too weak */
export async function changePassword(current: string, next: string): Promise<Session> {
  const body = { current_password: current, new_password: next };
  return (await answerOf(api.POST('/api/console/session/password', { body }))).data;
}
