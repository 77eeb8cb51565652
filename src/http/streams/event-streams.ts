import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Credential, RequestAuthenticator } from '../../accounts/authenticator.ts';
import { credentialIn } from '../credentials/request-credential.ts';

export const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** Maximum seconds that a stream stays open. Clients then open another one, and resume. */
const MAX_SECONDS = 3_600;
/** Milliseconds between two looks at all streams. */
const LOOK_MS = 1_000;
/** The credential is checked at each look of this number, even if this process knows of no revocation. */
const CHECK_LOOKS = 5;
/** A stream sends a sign of life at each look of this number, so that proxies don't close it. */
const ALIVE_LOOKS = 15;
/** Maximum bytes that wait for a client. A client that reads more slowly is disconnected, and can resume. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** Parameter of the query of each stream. */
export const Seconds = Type.Optional(
  Type.Integer({
    minimum: 0,
    maximum: MAX_SECONDS,
    description: `Seconds after which the stream ends; ${MAX_SECONDS} if left out. 0: it ends after what is known already.`,
  }),
);

/** Why the service ends a stream. */
type EndReason = 'time' | 'signed_out' | 'stopping' | 'slow' | 'gone';

/** A stream of server-sent events to one client. */
export interface EventStream {
  /** Sends one event. @param id cursor from which the client can resume */
  send(event: string, data: unknown, id?: string): void;
  /** Ends the stream, and tells the client why. */
  end(reason: EndReason): void;
}

interface Open extends EventStream {
  readonly credential: Credential | null;
  readonly looksLeft: number;
  revocations: number;
  looks: number;
}

export interface StreamRequest {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly seconds: number | undefined;
  /** Begins to send events. Returns the function that stops it. */
  readonly begin: (stream: EventStream) => (() => void) | Promise<() => void>;
}

/**
 * Answers with streams of server-sent events. A stream ends when its credential is revoked or expires, when its time is over, and
 * when the service stops.
 */
export class EventStreams {
  readonly #authenticator: RequestAuthenticator;
  readonly #open = new Set<Open>();
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(authenticator: RequestAuthenticator) {
    this.#authenticator = authenticator;
  }

  /** Number of open streams. */
  get size(): number {
    return this.#open.size;
  }

  async answer({ request, reply, seconds = MAX_SECONDS, begin }: StreamRequest): Promise<FastifyReply> {
    const readable = new Readable({ read: () => undefined });
    const stream = this.#stream(readable, request, seconds);
    let stop: () => void = () => undefined;
    const leave = () => {
      readable.destroy();
      this.#open.delete(stream);
      stop();
    };
    reply.raw.once('close', leave);
    stop = await begin(stream);
    // The client may have left meanwhile.
    if (reply.raw.destroyed) leave();
    reply.type(EVENT_STREAM).headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    if (this.#isClosed) stream.end('stopping');
    else if (request.method === 'HEAD' || seconds === 0) stream.end('time');
    else if (!readable.destroyed) this.#add(stream);
    return reply.send(readable);
  }

  /** Ends all streams. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.#open) stream.end('stopping');
    if (this.#timer) clearInterval(this.#timer);
  }

  #stream(readable: Readable, request: FastifyRequest, seconds: number): Open {
    const push = (text: string) => {
      if (!readable.readableEnded && !readable.destroyed) readable.push(text);
    };
    const stream: Open = {
      credential: credentialIn(request),
      revocations: request.revocations,
      looksLeft: Math.ceil((seconds * 1000) / LOOK_MS),
      looks: 0,
      send: (event, data, id) => {
        push(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
        if (readable.readableLength > MAX_WAITING_BYTES) stream.end('slow');
      },
      end: (reason) => {
        if (readable.destroyed) return;
        push(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`);
        this.#open.delete(stream);
        // A client that reads nothing would keep what waits for it.
        if (reason === 'slow') readable.destroy();
        else readable.push(null);
      },
    };
    return stream;
  }

  #add(stream: Open): void {
    this.#open.add(stream);
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
  }

  #look(): void {
    for (const stream of this.#open) {
      stream.looks += 1;
      if (stream.looks >= stream.looksLeft) stream.end('time');
      else void this.#check(stream);
    }
    if (this.#open.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  async #check(stream: Open): Promise<void> {
    const { revocations } = this.#authenticator;
    if (stream.revocations !== revocations || stream.looks % CHECK_LOOKS === 0) {
      stream.revocations = revocations;
      const { credential } = stream;
      // A database that can't be asked now is asked at the next check.
      const isGood = credential && (await this.#authenticator.identify(credential).catch(() => true));
      if (!isGood) stream.end('signed_out');
    }
    if (stream.looks % ALIVE_LOOKS === 0) stream.send('alive', {});
  }
}
