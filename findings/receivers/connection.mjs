import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const ANSWER_WITHIN_MS = 15_000;

/** A connection to a receiver, on which requests are written byte for byte. */
export class Connection {
  #socket;
  #text = '';
  #isClosed = false;
  #changed = Promise.withResolvers();

  static async open(port) {
    const connection = new Connection();
    const socket = connect(port, '127.0.0.1');
    connection.#socket = socket;
    const notify = () => {
      connection.#changed.resolve();
      connection.#changed = Promise.withResolvers();
    };
    socket.on('data', (chunk) => {
      connection.#text += chunk.toString('latin1');
      notify();
    });
    for (const event of ['end', 'error', 'close']) {
      socket.on(event, () => {
        connection.#isClosed = true;
        notify();
      });
    }
    await once(socket, 'connect');
    return connection;
  }

  write(text) {
    this.#socket.write(text);
  }

  /** Returns the next answer, interim ones too; `null` if none comes in time or the connection is closed. */
  async answer(withinMs = ANSWER_WITHIN_MS) {
    const until = performance.now() + withinMs;
    for (;;) {
      const found = this.#take();
      if (found) return found;
      const left = until - performance.now();
      if (this.#isClosed || left <= 0) return null;
      await Promise.race([this.#changed.promise, delay(left)]);
    }
  }

  /** Returns the milliseconds until the receiver closes the connection; `null` if it does not within the time. */
  async closedWithin(ms) {
    const startedAt = performance.now();
    while (!this.#isClosed && performance.now() - startedAt < ms) {
      await Promise.race([this.#changed.promise, delay(ms - (performance.now() - startedAt))]);
    }
    return this.#isClosed ? performance.now() - startedAt : null;
  }

  end() {
    this.#socket.destroy();
  }

  #take() {
    const end = this.#text.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const [first = '', ...lines] = this.#text.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    // The bodies of errors are of no interest: each connection sees at most one final answer.
    this.#text = this.#text.slice(end + 4);
    return { status: Number(first.split(' ')[1]), headers };
  }
}
