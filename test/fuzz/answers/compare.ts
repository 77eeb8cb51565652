import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { seededRandom } from '../../../src/platform/testing/seeded-random.ts';
import { AnswerGenerator, type GeneratedAnswer } from './generated-answer.ts';
import { nodeReader, ownReader, type Reading, undiciReader } from './readers.ts';

/** An answer that was read by three clients. */
export interface Compared {
  readonly answer: GeneratedAnswer;
  readonly own: Reading;
  readonly undici: Reading;
  readonly node: Reading;
}

const AT_ONCE = 32;

/**
 * Lets our client, undici and `node:http` read generated answers from real sockets.
 * @param count number of answers
 * @param onCompared called for each answer
 */
export async function compareReaders(
  seed: number,
  count: number,
  onCompared: (compared: Compared) => void,
): Promise<void> {
  const generator = new AnswerGenerator(seededRandom(seed));
  const answers = new Map<number, GeneratedAnswer>();
  const server = createServer((socket) => serve(socket, answers));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const own = ownReader();
  const undici = undiciReader();
  let next = 0;
  const compareSome = async () => {
    while (next < count) {
      const id = next;
      next += 1;
      const answer = generator.next();
      answers.set(id, answer);
      const url = `${base}/${id}`;
      const [ours, theirs, nodes] = await Promise.all([own.read(url), undici.read(url), nodeReader(url)]);
      answers.delete(id);
      onCompared({ answer, own: ours, undici: theirs, node: nodes });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, compareSome));
  own.close();
  await undici.close();
  server.close();
}

/** Writes the answer that the request's path names. */
function serve(socket: Socket, answers: ReadonlyMap<number, GeneratedAnswer>): void {
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.once('data', async (request) => {
    const answer = answers.get(Number(/^POST \/(\d+)/.exec(String(request))?.[1]));
    if (answer === undefined) throw new Error('no such answer');
    for (const piece of answer.pieces) {
      socket.write(piece, 'latin1');
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (answer.end === 'close') socket.end();
    else socket.resetAndDestroy();
  });
}
