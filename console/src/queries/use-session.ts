import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type Session, sessionQuery } from './session.ts';

const shell = getRouteApi('/shell');

/** Returns who is signed in. Only pages inside of the shell may call this. */
export function useSession(): Session {
  const { session } = shell.useRouteContext();
  // A change of the session, such as another theme, is shown at once; at the end of it, the shell goes away.
  return useQuery(sessionQuery).data ?? session;
}
