import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ApiAnswer } from './api-client.ts';

/** Opens a connection to the service, for requests that HTTP clients refuse to send. */
export async function openSocket(serviceUrl: string): Promise<Socket> {
  const { hostname, port } = new URL(serviceUrl);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

/** Sends `text` unchanged, and reads one answer until the service closes the connection. */
export async function exchangeRaw(serviceUrl: string, text: string): Promise<ApiAnswer> {
  const socket = await openSocket(serviceUrl);
  socket.write(text);
  return parseAnswer(Buffer.concat(await socket.toArray()).toString('utf8'));
}

/** Parses an HTTP answer with a JSON body. */
export function parseAnswer(answer: string): ApiAnswer {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  return {
    status: Number(head.split(' ')[1]),
    contentType: /^content-type: *(.*)$/im.exec(head)?.[1] ?? null,
    body: JSON.parse(body),
  };
}
