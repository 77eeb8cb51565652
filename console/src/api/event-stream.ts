import { CONSOLE_HEADERS } from './client.ts';

/** One server-sent event. */
export interface StreamedEvent {
  readonly type: string;
  readonly id: string | null;
  readonly data: string;
}

/** Milliseconds before the first new connection after one has ended, and at most. Each failure doubles the time. */
const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 30_000;

export interface StreamOptions {
  /** Returns the URL to connect to. @param lastId id of the last event, from which on the stream goes on */
  readonly url: (lastId: string | null) => string;
  readonly onEvent: (event: StreamedEvent) => void;
  /** Called when the stream begins and when it has ended. */
  readonly onState: (isOpen: boolean) => void;
  readonly signal: AbortSignal;
}

/**
 * Reads server-sent events until the signal is aborted, and connects again when a connection ends. `EventSource` can't be
 * used, because it can't send the header that a session needs.
 */
export async function readStream({ url, onEvent, onState, signal }: StreamOptions): Promise<void> {
  let lastId: string | null = null;
  let wait = FIRST_WAIT_MS;
  while (!signal.aborted) {
    try {
      const response = await fetch(url(lastId), {
        headers: CONSOLE_HEADERS,
        credentials: 'same-origin',
        signal,
      });
      if (response.ok && response.body) {
        onState(true);
        wait = FIRST_WAIT_MS;
        await readBody(response.body, (event) => {
          lastId = event.id ?? lastId;
          onEvent(event);
        });
      }
    } catch {
      // The connection was lost, or was never made. Another one follows, unless nobody listens any more.
    }
    onState(false);
    await sleep(wait, signal);
    wait = Math.min(wait * 2, MAX_WAIT_MS);
  }
}

async function readBody(
  body: ReadableStream<Uint8Array>,
  onEvent: (event: StreamedEvent) => void,
): Promise<void> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parseEvent(block);
      if (event) onEvent(event);
    }
  }
}

/** Returns the event of a block of lines; `null`: the block has no data, such as one that only keeps the connection open. */
export function parseEvent(block: string): StreamedEvent | null {
  let type = 'message';
  let id: string | null = null;
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === 'event') type = value;
    else if (field === 'id') id = value;
    else if (field === 'data') data.push(value);
  }
  return data.length === 0 ? null : { type, id, data: data.join('\n') };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
