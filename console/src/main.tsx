import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createConsoleRouter } from './app/router.tsx';
import { applyAccent } from './app/theme.ts';
import { ToastProvider } from './components/overlays/toast.tsx';
import { createQueryClient } from './queries/query-client.ts';
import { sessionQuery } from './queries/session.ts';

// An operator's link leads to the start page with its secret behind `#`, which no server sees. It signs in even if someone is.
if (location.hash.startsWith('#link=')) history.replaceState(null, '', `/console/sign-in${location.hash}`);

const queryClient = createQueryClient(() => {
  queryClient.setQueryData(sessionQuery.queryKey, null);
  // The shell asks who is signed in, and leads to the page for signing in.
  void router.invalidate();
});
const router = createConsoleRouter(queryClient);

queryClient.getQueryCache().subscribe(({ query }) => {
  const accent =
    query.queryKey[0] === 'session' && queryClient.getQueryData(sessionQuery.queryKey)?.theme?.accent;
  if (accent) applyAccent(accent);
});

const element = document.getElementById('console');
if (element) {
  createRoot(element).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
