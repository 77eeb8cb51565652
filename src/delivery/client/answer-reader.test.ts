import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnswerError } from './answer-error.ts';
import type { AnswerHead } from './answer-head.ts';
import { AnswerReader } from './answer-reader.ts';

interface Read {
  /** Lengths of the pieces in which the bytes come; the last one repeats. */
  readonly pieces?: readonly number[];
  /** Whether the other side closes the connection after the bytes. */
  readonly isClosed?: boolean;
}

/** Reads an answer from bytes in Latin-1. Returns what came of it, or the message of the error. */
function read(text: string, { pieces = [text.length], isClosed = false }: Read = {}) {
  const reader = new AnswerReader();
  let head: AnswerHead | null = null;
  let body = '';
  reader.begin({
    onHead: (read) => {
      head = read;
    },
    onBody: (buffer, from, to) => {
      body += buffer.toString('latin1', from, to);
    },
  });
  // The piece is in the midst of a larger buffer, as in a buffer that connections share.
  const buffer = Buffer.alloc(text.length + 64, '\r\n\r\n');
  let at = 0;
  try {
    for (let n = 0; at < text.length && !reader.isComplete; n += 1) {
      const length = pieces[Math.min(n, pieces.length - 1)] as number;
      const piece = text.slice(at, at + length);
      buffer.write(piece, 7, 'latin1');
      const end = reader.read(buffer, 7, 7 + piece.length);
      at += end - 7;
      if (end < 7 + piece.length) break;
    }
    if (isClosed) reader.end();
  } catch (error) {
    return (error as AnswerError).message;
  }
  const { status, length } = (head as AnswerHead | null) ?? { status: null, length: null };
  return { status, length, body, isComplete: reader.isComplete, rest: text.slice(at) };
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

describe('an answer is the same in pieces of any length', () => {
  const answers: Record<string, string> = {
    'with a length': `${OK}content-length: 5\r\nx: y\r\n\r\nhello`,
    'without a body': 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n',
    'with an empty body': `${OK}content-length: 0\r\n\r\n`,
    'in chunks': `${CHUNKED}3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\n\r\n`,
    'in chunks with trailers': `${CHUNKED}5 \r\nhello\r\n0\r\nx: y\r\nz: \r\n\r\n`,
    'after interim answers': `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}content-length: 5\r\n\r\nhello`,
    'after empty lines': `\r\n\n${OK}content-length: 5\r\n\r\nhello`,
    'without a reason': 'HTTP/1.1 200\r\ncontent-length: 5\r\n\r\nhello',
  };
  for (const [what, text] of Object.entries(answers)) {
    test(what, () => {
      const whole = read(`${text}rest`);
      assert.ok(typeof whole !== 'string' && whole.isComplete, JSON.stringify(whole));
      assert.equal(whole.rest, 'rest');
      assert.equal(whole.body, text.includes('hel') ? 'hello' : '');
      for (let length = 1; length <= text.length; length += 1) {
        assert.deepEqual(read(`${text}rest`, { pieces: [length] }), whole, `pieces of ${length}`);
        assert.deepEqual(
          read(`${text}rest`, { pieces: [length, text.length + 4] }),
          whole,
          `cut at ${length}`,
        );
      }
    });
  }
});

test('a body without a length ends with the connection', () => {
  const text = `${OK}x: y\r\n\r\nhello`;
  assert.deepEqual(read(text), {
    status: 200,
    length: 'until close',
    body: 'hello',
    isComplete: false,
    rest: '',
  });
  assert.deepEqual(read(text, { isClosed: true }), { ...Object(read(text)), isComplete: true });
});

test('an answer is incomplete if the connection is closed at any of its bytes', () => {
  const closed = 'the receiver closed the connection before its answer was complete';
  for (const text of [`${OK}content-length: 5\r\n\r\nhello`, `${CHUNKED}5\r\nhello\r\n0\r\nx: y\r\n\r\n`]) {
    for (let length = 0; length < text.length; length += 1) {
      assert.equal(read(text.slice(0, length), { isClosed: true }), closed, `after ${length} bytes`);
    }
  }
});

describe('a malformed answer is refused, in pieces of any length', () => {
  const malformed: Record<string, [text: string, message: RegExp]> = {
    'another protocol': ['ICY 200 OK\r\n\r\n', /status line/],
    'another version': ['HTTP/2.0 200 OK\r\n\r\n', /status line/],
    'a status that is too long': ['HTTP/1.1 2000 OK\r\n\r\n', /status line/],
    'a status below 100': ['HTTP/1.1 099 OK\r\n\r\n', /status line/],
    'a bare line feed': ['HTTP/1.1 200 OK\ncontent-length: 0\n\n', /malformed/],
    'a bare carriage return': [`${OK}a: b\rc: d\r\n\r\n`, /malformed/],
    'a space before a colon': [`${OK}content-length : 5\r\n\r\n`, /header/],
    'a folded header': [`${OK}x: y\r\n z\r\n\r\n`, /header/],
    'a header without a colon': [`${OK}x\r\n\r\n`, /header/],
    'a header without a name': [`${OK}: x\r\n\r\n`, /header/],
    'a NUL in a header': [`${OK}x: a\0b\r\n\r\n`, /malformed/],
    'two lengths': [`${OK}content-length: 5\r\nContent-Length: 5\r\n\r\nhello`, /two lengths/],
    'a list of lengths': [`${OK}content-length: 5, 5\r\n\r\nhello`, /length/],
    'a length below zero': [`${OK}content-length: -1\r\n\r\n`, /length/],
    'a length that is no number': [`${OK}content-length: 0x5\r\n\r\n`, /length/],
    'a length without end': [`${OK}content-length: ${'9'.repeat(20)}\r\n\r\n`, /length/],
    'a length, and chunks': [
      `${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`,
      /length, and chunks/,
    ],
    'an empty transfer encoding': [
      `${OK}transfer-encoding: chunked\r\ntransfer-encoding: \r\n\r\n0\r\n\r\n`,
      /transfer encoding/,
    ],
    'a chunk without a size': [`${CHUNKED}\r\nhello`, /size of a chunk/],
    'a chunk with a sign': [`${CHUNKED}+5\r\nhello`, /size of a chunk/],
    'a size with a space in it': [`${CHUNKED}5 5\r\nhello`, /size of a chunk/],
    'a chunk larger than all memory': [`${CHUNKED}${'f'.repeat(14)}\r\nhello`, /larger/],
    'a size with zeros without end': [`${CHUNKED}${'0'.repeat(17)}`, /larger/],
    'a chunk longer than its size': [`${CHUNKED}5\r\nhello!\r\n`, /does not end/],
    'a chunk that ends with a line feed': [`${CHUNKED}5\r\nhello\n0\r\n\r\n`, /does not end/],
    'an extension with a line feed': [`${CHUNKED}5;a\nhello`, /extension/],
    'malformed trailers': [`${CHUNKED}0\r\nx\r\n\r\n`, /trailers/],
  };
  for (const [what, [text, message]] of Object.entries(malformed)) {
    test(what, () => {
      for (let length = 1; length <= text.length; length += 1) {
        for (const pieces of [[length], [length, text.length]]) {
          const error = read(text, { pieces });
          assert.ok(typeof error === 'string', `pieces of ${pieces}: ${JSON.stringify(error)}`);
          assert.match(error, /^the answer is not HTTP \(.+\)$/);
          if (length === text.length) assert.match(error, message);
        }
      }
    });
  }
});

describe('an answer is refused as soon as it can not become valid', () => {
  for (const text of ['SSH-2.0', 'HTTP/2', '<html>', `${OK}x: \0`, `${OK}\n`, `${OK}x\ry`]) {
    test(JSON.stringify(text), () => {
      assert.equal(typeof read(text), 'string');
      assert.equal(typeof read(text, { pieces: [1] }), 'string');
    });
  }
});

describe('what has no end is refused', () => {
  const endless: Record<string, [beginning: string, repeated: string]> = {
    'a status line': ['HTTP/1.1 200 ', 'O'],
    'a header': [`${OK}x: `, 'y'],
    headers: [OK, 'x: y\r\n'],
    'interim answers': ['', 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'],
    'empty lines': ['', '\r\n'],
    'an extension of a chunk': [`${CHUNKED}5;`, 'a=b;'],
    'extensions of many chunks': [CHUNKED, `1;${'a'.repeat(100)}\r\nx\r\n`],
    'spaces after a size': [`${CHUNKED}5`, ' '],
    trailers: [`${CHUNKED}0\r\n`, 'x: y\r\n'],
  };
  for (const [what, [beginning, repeated]] of Object.entries(endless)) {
    test(what, () => {
      const text = beginning + repeated.repeat(Math.ceil((17 * 1024) / repeated.length));
      for (const pieces of [[text.length], [1_000], [37]]) {
        assert.equal(read(text, { pieces }), "the answer's headers are too large");
      }
    });
  }
});

test('a connection is used again only if the answer lets it', () => {
  const headOf = (text: string): AnswerHead => {
    const reader = new AnswerReader();
    reader.begin({ onHead: () => undefined, onBody: () => undefined });
    const bytes = Buffer.from(text, 'latin1');
    reader.read(bytes, 0, bytes.length);
    return reader.head as AnswerHead;
  };
  const persistent = (head: string) => headOf(`${head}content-length: 0\r\n\r\n`).isPersistent;
  assert.equal(persistent(OK), true);
  assert.equal(persistent(`${OK}Connection: Close\r\n`), false);
  assert.equal(persistent(`${OK}connection: x, close\r\n`), false);
  assert.equal(persistent(`${OK}connection: keep-alive\r\nconnection: close\r\n`), false);
  assert.equal(persistent('HTTP/1.0 200 OK\r\n'), false);
  assert.equal(persistent('HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n'), true);
  const keepAlive = (value: string) =>
    headOf(`${OK}keep-alive: ${value}\r\ncontent-length: 0\r\n\r\n`).keepAliveS;
  assert.equal(keepAlive('timeout=5, max=100'), 5);
  assert.equal(keepAlive('max=100, Timeout = 7'), 7);
  assert.equal(keepAlive('max=100'), null);
});

test('each answer of a connection is read by its own head, whether it is that of the answer before or not', () => {
  const heads = [
    [`${OK}content-length: 2\r\n\r\n`, 200, 2],
    [`${OK}content-length: 2\r\n\r\n`, 200, 2],
    ['HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\n', 500, 2],
    [`HTTP/1.1 103 Early Hints\r\n\r\n${OK}content-length: 2\r\n\r\n`, 200, 2],
    [`${OK}x: ${'y'.repeat(2_000)}\r\ncontent-length: 1\r\n\r\n`, 200, 1],
    [`${OK}content-length: 2\r\n\r\n`, 200, 2],
    [`${OK}content-length: 3\r\n\r\n`, 200, 3],
  ] as const;
  const reader = new AnswerReader();
  for (const [text, status, length] of heads) {
    let read: AnswerHead | null = null;
    let bodyBytes = 0;
    reader.begin({
      onHead: (head) => {
        read = head;
      },
      onBody: (_buffer, from, to) => {
        bodyBytes += to - from;
      },
    });
    const bytes = Buffer.from(text + 'b'.repeat(length), 'latin1');
    assert.equal(reader.read(bytes, 0, bytes.length), bytes.length);
    assert.ok(reader.isComplete);
    assert.deepEqual([(read as AnswerHead | null)?.status, bodyBytes], [status, length]);
  }
});
