import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Page } from './page.ts';

/**
 * Renders the page of the API's description in a thread that ends afterwards. Compiling the patterns of the Markdown
 * parser alone keeps a thread busy for 50 ms, and all sections together for 100 ms.
 * @param description the API's description as JSON
 */
export async function renderInThread(description: string): Promise<Page> {
  const thread = new Worker(new URL('./page-thread.ts', import.meta.url), { workerData: description });
  const [page] = await once(thread, 'message');
  return page;
}
