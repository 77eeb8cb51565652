import { lookup } from 'node:dns';
import { request as nodeRequest } from 'node:http';
import { Agent } from 'undici';
import { connectDirectly } from '../../../src/delivery/client/connecting.ts';
import { HttpClient } from '../../../src/delivery/client/http-client.ts';
import { SocketOpener } from '../../../src/delivery/client/open-socket.ts';
import { RequestTarget } from '../../../src/delivery/client/request-target.ts';

/** Result of reading an answer: the answer with its body in Latin-1, or why it was refused. */
export type Reading = { readonly status: number; readonly body: string } | { readonly refused: string };

/** Reads the answer to a POST request, over a connection of its own. */
export type Reader = (url: string) => Promise<Reading>;

const REQUEST_BODY = '{}';
const KEEP_ALIVE = { unannouncedMs: 1_000, marginMs: 0, maxMs: 1_000, maxIdle: 1_000 };

/** Returns a reader of our client, and a function that closes it. */
export function ownReader(): { read: Reader; close: () => void } {
  const connect = connectDirectly(new SocketOpener(lookup));
  const client = new HttpClient({
    keepAlive: KEEP_ALIVE,
    connect: (destination, connection) => connect(destination, connection, () => connection.onOpen()),
  });
  const read: Reader = (url) =>
    new Promise((resolve) => {
      let status = 0;
      let body = '';
      const sink = {
        onHead: (head: { status: number }) => {
          status = head.status;
        },
        onBody: (buffer: Buffer, from: number, to: number) => {
          body += buffer.toString('latin1', from, to);
        },
        onComplete: () => resolve({ status, body }),
        onFailed: (error: Error) => resolve({ refused: error.message }),
      };
      client.send({ target: new RequestTarget(url, {}), headers: {}, body: REQUEST_BODY }, sink, true);
    });
  return { read, close: () => client.close() };
}

/** Returns a reader of undici, and a function that closes it. */
export function undiciReader(): { read: Reader; close: () => Promise<void> } {
  const agent = new Agent({ pipelining: 0, allowH2: false });
  const read: Reader = (url) => {
    const { origin, pathname: path } = new URL(url);
    return new Promise((resolve) => {
      let status = 0;
      const parts: Buffer[] = [];
      agent.dispatch(
        { origin, path, method: 'POST', body: REQUEST_BODY },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_controller, code) => {
            status = code;
          },
          onResponseData: (_controller, chunk) => void parts.push(Buffer.from(chunk)),
          onResponseEnd: () => resolve({ status, body: Buffer.concat(parts).toString('latin1') }),
          onResponseError: (_controller, error) => resolve({ refused: error.message }),
        },
      );
    });
  };
  return { read, close: () => agent.destroy() };
}

/** Reads an answer with `node:http`. */
export const nodeReader: Reader = (url) =>
  new Promise((resolve) => {
    const refuse = (error: Error) => resolve({ refused: error.message });
    const request = nodeRequest(url, { method: 'POST', agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (chunk: Buffer) => parts.push(chunk));
      response.on('error', refuse);
      response.on('end', () => {
        const body = Buffer.concat(parts).toString('latin1');
        resolve(response.complete ? { status: response.statusCode ?? 0, body } : { refused: 'incomplete' });
        request.destroy();
      });
    });
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve({ refused: 'upgrade' });
    });
    request.on('error', refuse);
    request.end(REQUEST_BODY);
  });
