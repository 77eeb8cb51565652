/** Texts about what went wrong in a call of the API, and what to try. */
export const errorTexts = {
  unreachable: 'The service did not answer. Check your connection, or whether the service is running.',
  status: (status: number) => `The service answered with status ${status}.`,
  title: 'This could not be loaded',
  notFoundTitle: 'There is nothing here',
  notFoundHint: 'It may have been removed, or it belongs to another account.',
  forbiddenTitle: 'Your account may not see this',
  crashTitle: 'This page failed',
  crashHint:
    'This is a fault of the console. Load the page again; if it fails again, tell the operator what you did.',
  retry: 'Try again',
  reload: 'Load the page again',
  requestId: (id: string) => `Request ${id}`,
  hint: (status: number, retryAfterS: number | null): string => {
    if (status === 0)
      return 'Nothing was changed by the request that failed, unless the answer was lost on the way.';
    if (status === 429) return `Too many requests were made. Try again in ${retryAfterS ?? 10} seconds.`;
    if (status === 503) return 'The service is busy or is stopping. Try again in a moment.';
    if (status >= 500)
      return 'This is a fault of the service. Its log has an entry with the id of the request.';
    return 'Check what you entered, and try again.';
  },
};
