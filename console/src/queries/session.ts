import { queryOptions } from '@tanstack/react-query';
import { CONSOLE_HEADERS } from '../api/client.ts';
import { ApiError, errorOf, UNREACHABLE } from '../api/errors.ts';

/** Account that is signed in, and what the service lets the console do. */
export interface Session {
  readonly account: {
    readonly id: string;
    readonly email: string;
    readonly first_name: string;
    readonly last_name: string;
    readonly is_operator: boolean;
  };
  readonly expires_at: string;
  /** Whether inboxes are on. */
  readonly inbox?: boolean;
  readonly theme?: { readonly accent?: string | null; readonly logo?: string | null };
}

/** Credentials of a sign-in. */
export type Proof =
  | { readonly email: string; readonly password: string }
  | { readonly public_key: string; readonly secret_key: string }
  | { readonly link: string };

const PATH = '/api/console/session';

/** The session; `null`: nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: readSession,
  staleTime: 5 * 60_000,
});

async function readSession(): Promise<Session | null> {
  const response = await send('GET');
  if (response.status === 401) return null;
  return dataOf(response);
}

/** Signs in. @throws ApiError if the service refuses the proof */
export async function signIn(proof: Proof): Promise<Session> {
  return dataOf(await send('POST', proof));
}

export async function signOut(): Promise<void> {
  const response = await send('DELETE');
  if (!response.ok && response.status !== 401) throw errorOf(await bodyOf(response), response);
}

async function send(method: string, body?: Proof): Promise<Response> {
  const json = body ? { body: JSON.stringify(body) } : {};
  const headers = { ...CONSOLE_HEADERS, ...(body && { 'content-type': 'application/json' }) };
  try {
    return await fetch(PATH, { method, headers, credentials: 'same-origin', ...json });
  } catch (cause) {
    throw new ApiError(UNREACHABLE, { cause });
  }
}

async function dataOf(response: Response): Promise<Session> {
  const body = await bodyOf(response);
  if (!response.ok) throw errorOf(body, response);
  return (body as { data: Session }).data;
}

function bodyOf(response: Response): Promise<unknown> {
  return response.json().catch(() => null);
}
