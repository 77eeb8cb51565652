import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Behaviour } from './raw-receiver.ts';

/** Receiver that breaks the rules of HTTP, with the expected result of a request to it. */
export interface Hostile {
  readonly behaviour: Behaviour;
  /** Status that the sender must report; `null`: no status was read. */
  readonly status: number | null;
  /** Error that the sender must report; `null`: the answer is accepted. */
  readonly error: RegExp | null;
}

/** Milliseconds between two bytes of a receiver that sends slowly. */
const SLOW_BYTE_MS = 40;
const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const BOMB = gzipSync(Buffer.alloc(32 * 1024 * 1024));

const NO_ANSWER = /^the receiver did not answer within [\d.]+ s$/;
const NO_END = /^the receiver did not end its answer within [\d.]+ s$/;
const CLOSED = /^the receiver closed the connection before its answer was complete$/;
const NOT_HTTP = /^the answer is not HTTP \(.+\)$/;
const TOO_LARGE = /^the answer's headers are too large$/;
const UNEXPECTED_1XX = /^the receiver answered 101, which was not requested$/;

/** Returns a behaviour that calls `then` when a request has arrived. */
const asked =
  (then: (socket: Socket) => void): Behaviour =>
  (socket) =>
    void socket.once('data', () => then(socket));

const says = (bytes: string | Buffer) => asked((socket) => socket.write(bytes));

/** Returns a behaviour that sends bytes without end, as fast as the peer reads them. */
const sendsFast = (head: string, bytes: string) =>
  asked((socket) => {
    socket.write(head);
    const many = bytes.repeat(64);
    const more = () => void (socket.destroyed || socket.write(many, () => setImmediate(more)));
    more();
  });

/**
 * Returns a behaviour that sends bytes so slowly that the request takes very long, but so often that a time
 * limit between two bytes would not be reached.
 */
const sendsSlowly = (head: string, bytes: string) =>
  asked((socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write(bytes), SLOW_BYTE_MS);
    socket.once('close', () => clearInterval(timer));
  });

/**
 * Hostile receivers by the description of their behaviour. test/integration/delivery/receivers.timed.test.ts
 * has receivers that break in other ways.
 */
export const HOSTILE: Readonly<Record<string, Hostile>> = {
  'never answers': { behaviour: asked(() => {}), status: null, error: NO_ANSWER },
  'sends its status a byte at a time': {
    behaviour: sendsSlowly('HTTP/1.1 200 ', 'O'),
    status: null,
    error: NO_ANSWER,
  },
  'sends headers without end, slowly': {
    behaviour: sendsSlowly(OK, 'x: y\r\n'),
    status: null,
    error: NO_ANSWER,
  },
  'sends headers without end, fast': {
    behaviour: sendsFast(OK, 'x: and more\r\n'),
    status: null,
    error: TOO_LARGE,
  },
  'sends one header without end': {
    behaviour: sendsFast(`${OK}x: `, 'z'),
    status: null,
    error: TOO_LARGE,
  },
  'sends a body without end, slowly': {
    behaviour: sendsSlowly(`${OK}content-length: 1000000\r\n\r\n`, 'x'),
    status: 200,
    error: NO_END,
  },
  'sends a body without end, fast': {
    behaviour: sendsFast(CHUNKED, `400\r\n${'y'.repeat(1024)}\r\n`),
    status: 200,
    error: null,
  },
  'sends extensions of a chunk without end': {
    behaviour: sendsFast(`${CHUNKED}5;`, 'a=b;'),
    status: 200,
    error: TOO_LARGE,
  },
  'sends trailers without end': {
    behaviour: sendsFast(`${CHUNKED}0\r\n`, 'x: and more\r\n'),
    status: 200,
    error: TOO_LARGE,
  },
  'tells of an answer to come, without end': {
    behaviour: sendsFast('', 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'),
    status: null,
    error: TOO_LARGE,
  },
  'says to go on, without end': {
    behaviour: sendsFast('', 'HTTP/1.1 100 Continue\r\n\r\n'),
    status: null,
    error: TOO_LARGE,
  },
  'changes the protocol': {
    behaviour: says('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    status: null,
    error: UNEXPECTED_1XX,
  },
  'sends a chunk without a size': {
    behaviour: says(`${CHUNKED}zz\r\nhello\r\n`),
    status: 200,
    error: NOT_HTTP,
  },
  'sends more than its chunk holds': {
    behaviour: says(`${CHUNKED}5\r\nhello world\r\n0\r\n\r\n`),
    status: 200,
    error: NOT_HTTP,
  },
  'sends less than its chunk holds': {
    behaviour: says(`${CHUNKED}ffff\r\nhello`),
    status: 200,
    error: NO_END,
  },
  'sends a chunk larger than all memory': {
    behaviour: says(`${CHUNKED}${'f'.repeat(18)}\r\nhello`),
    status: 200,
    error: NOT_HTTP,
  },
  'gives two lengths': {
    behaviour: says(`${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!`),
    status: null,
    error: NOT_HTTP,
  },
  'gives a length, and chunks': {
    behaviour: says(`${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
    status: null,
    error: NOT_HTTP,
  },
  'gives a length below nothing': {
    behaviour: says(`${OK}content-length: -1\r\n\r\n`),
    status: null,
    error: NOT_HTTP,
  },
  'answers an invalid status': {
    behaviour: says('HTTP/1.1 000 No\r\n\r\n'),
    status: null,
    error: NOT_HTTP,
  },
  'gives a status that is too long': {
    behaviour: says('HTTP/1.1 2000 No\r\n\r\n'),
    status: null,
    error: NOT_HTTP,
  },
  'speaks another protocol': { behaviour: says('ICY 200 OK\r\n\r\n'), status: null, error: NOT_HTTP },
  'speaks before HTTP had headers': { behaviour: says('<html>hello</html>'), status: null, error: NOT_HTTP },
  'has a NUL in a header': { behaviour: says(`${OK}x: a\0b\r\n\r\n`), status: null, error: NOT_HTTP },
  'closes the connection at once': {
    behaviour: (socket) => void socket.destroy(),
    status: null,
    error: CLOSED,
  },
  'resets the connection at once': {
    behaviour: (socket) => void socket.resetAndDestroy(),
    status: null,
    error: CLOSED,
  },
  'ends without an answer': { behaviour: asked((socket) => socket.end()), status: null, error: CLOSED },
  'resets the connection in mid-body': {
    behaviour: asked((socket) => {
      socket.write(`${OK}content-length: 100\r\n\r\nhalf`);
      setTimeout(() => socket.resetAndDestroy(), SLOW_BYTE_MS);
    }),
    status: 200,
    error: CLOSED,
  },
  'answers before it was asked': {
    behaviour: (socket) => void socket.write(`${OK}content-length: 2\r\n\r\nok`),
    status: 200,
    error: null,
  },
  'packs 32 MiB into 32 KiB': {
    behaviour: says(
      Buffer.concat([
        Buffer.from(`${OK}content-encoding: gzip\r\ncontent-length: ${BOMB.length}\r\n\r\n`),
        BOMB,
      ]),
    ),
    status: 200,
    error: null,
  },
};

/** Returns whether a request to this receiver ends by its time limit alone. */
export const runsOutOfTime = ({ error }: Hostile): boolean => error === NO_ANSWER || error === NO_END;
