import { parentPort, workerData } from 'node:worker_threads';
import { renderPage } from './page.ts';

/** A worker thread that renders the page of the API's description, which is its data, as JSON. */

if (!parentPort) throw new Error('the page of the API is to be rendered in a worker thread');
parentPort.postMessage(await renderPage(JSON.parse(workerData)));
