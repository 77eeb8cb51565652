import type { SignatureStep } from './verify-signature.ts';

export const INBOX_ACTIONS = ['answer', 'reset', 'slow_body'] as const;

/** Settings of an inbox for its answers. */
export interface InboxBehaviour {
  /**
   * `answer`: with the status. `reset`: the connection is reset instead. `slow_body`: with the status and a body that comes byte
   * by byte.
   */
  readonly action: (typeof INBOX_ACTIONS)[number];
  readonly status: number;
  /** Milliseconds before the answer; for `slow_body`, until the end of the body. */
  readonly delayMs: number;
  /** Number of requests that are answered so; the next ones are answered 200. `null`: all. */
  readonly times: number | null;
}

export const DEFAULT_BEHAVIOUR: InboxBehaviour = { action: 'answer', status: 200, delayMs: 0, times: null };

/** A request that an inbox has received. */
export interface InboxRequest {
  /** Number of the request in its inbox, from 1. */
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Beginning of the body, as text. */
  readonly body: string;
  /** Bytes of the whole body. */
  readonly bytes: number;
  readonly answer: Pick<InboxBehaviour, 'action' | 'status' | 'delayMs'>;
  readonly signature: readonly SignatureStep[];
}

export interface Inbox {
  readonly id: string;
  readonly userId: string;
  readonly token: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  behaviour: InboxBehaviour;
  /** Number of requests that have arrived. */
  received: number;
  /** The newest requests, oldest first. */
  readonly requests: InboxRequest[];
}

/** Maximum number of requests of an inbox that are kept, and of bytes of their bodies and headers. */
const MOST_REQUESTS = 100;
const MOST_BYTES = 1024 * 1024;

/** Returns how the next request is answered, and counts it. */
export function nextAnswer(inbox: Inbox): InboxRequest['answer'] {
  const { times, ...answer } = inbox.behaviour;
  if (times === null) return answer;
  if (times <= 0) return DEFAULT_BEHAVIOUR;
  inbox.behaviour = { ...inbox.behaviour, times: times - 1 };
  return answer;
}

/** Keeps a request. The oldest ones give way. */
export function keepRequest(inbox: Inbox, request: InboxRequest): void {
  const { requests } = inbox;
  requests.push(request);
  let bytes = requests.reduce((sum, one) => sum + bytesOf(one), 0);
  while (requests.length > MOST_REQUESTS || (bytes > MOST_BYTES && requests.length > 1)) {
    const oldest = requests.shift();
    if (oldest) bytes -= bytesOf(oldest);
  }
}

function bytesOf({ body, headers }: InboxRequest): number {
  return body.length + JSON.stringify(headers).length;
}
