import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError, isSignedOut } from '../api/errors.ts';

/** Milliseconds for which an answer is shown without asking again. */
const FRESH_MS = 10_000;
/** Retries of a call that got no answer, or one that says that the service has trouble. */
const MAX_RETRIES = 2;

/** @param onSignedOut called when an answer says that the session has ended */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (isSignedOut(error)) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        retry: (failures, error) => failures < MAX_RETRIES && mayPass(error),
      },
    },
  });
}

/** Returns whether the same call may succeed later: the service gave no answer, is busy, or has failed. */
function mayPass(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}
