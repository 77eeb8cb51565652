import assert from 'node:assert/strict';

export interface StreamedEvent {
  readonly event: string;
  readonly id: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: tests read data of many shapes, and assert what they expect
  readonly data: any;
}

/** Client of a stream of server-sent events. */
export class EventStreamClient {
  /** When nothing refers to an answer of `fetch` any more, its body is cancelled, unless reading has begun. */
  readonly #response: Response;
  readonly #events: AsyncGenerator<StreamedEvent>;
  readonly #abort: AbortController;

  private constructor(response: Response, abort: AbortController) {
    this.#response = response;
    this.#abort = abort;
    this.#events = eventsIn(response.body as unknown as AsyncIterable<Uint8Array>);
  }

  get headers(): Headers {
    return this.#response.headers;
  }

  /** Opens a stream, and asserts that the service answers with one. */
  static async open(url: string, headers: Record<string, string>): Promise<EventStreamClient> {
    const abort = new AbortController();
    const response = await fetch(url, { headers, signal: abort.signal });
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/, `${response.status}`);
    return new EventStreamClient(response, abort);
  }

  /** Returns the next event that is not `alive`; `null`: the stream has ended. */
  async next(): Promise<StreamedEvent | null> {
    for (;;) {
      const { value, done } = await this.#events.next();
      if (done) return null;
      if (value.event !== 'alive') return value;
    }
  }

  /** Returns events up to the first one that `isLast` accepts. */
  async until(isLast: (event: StreamedEvent) => boolean): Promise<StreamedEvent[]> {
    const events: StreamedEvent[] = [];
    for (;;) {
      const event = await this.next();
      assert.ok(event, `the stream ended after ${JSON.stringify(events)}`);
      events.push(event);
      if (isLast(event)) return events;
    }
  }

  close(): void {
    this.#abort.abort();
  }
}

async function* eventsIn(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamedEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) yield eventOf(block);
  }
}

function eventOf(block: string): StreamedEvent {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const data = JSON.parse(fields.get('data') ?? 'null');
  return { event: fields.get('event') ?? assert.fail(block), id: fields.get('id') ?? null, data };
}
