/** An answer as a receiver writes it. */
export interface GeneratedAnswer {
  /** Bytes in Latin-1, in the pieces in which they are written. */
  readonly pieces: readonly string[];
  /** Way in which the receiver ends the connection afterwards. */
  readonly end: 'close' | 'reset';
}

const STATUSES = [
  '200',
  '200',
  '200',
  '201',
  '204',
  '205',
  '299',
  '302',
  '304',
  '404',
  '429',
  '500',
  '503',
  '599',
];
const ODD_STATUSES = ['600', '999', '099', '20', '2000', '2x0', '', '-200', ' 200'];
const VERSIONS = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0'];
const ODD_VERSIONS = [
  'HTTP/2.0',
  'HTTP/1.2',
  'HTTP/0.9',
  'http/1.1',
  'ICY',
  'HTTP/1.1 ',
  'HTTPS/1.1',
  ' HTTP/1.1',
];
const REASONS = [' OK', ' OK', ' ', '', ' Not Found', ' \t ', ' \u00fcber', '  two', ' a\0b', ' \x7f'];
const HEADERS = [
  'server: nginx',
  'x-a:b',
  `X-Long: ${'y'.repeat(300)}`,
  'empty:',
  'spaces:   \t ',
  'obs: \u00e4\u00ff',
  'connection: close',
  'Connection: keep-alive',
  'connection: x, Close',
  'keep-alive: timeout=5, max=10',
  'retry-after: 7',
  'trailer: x',
  'content-type: text/plain',
  'set-cookie: a=b; path=/',
  'date: Mon, 30 Nov 2026 00:00:00 GMT',
];
const ODD_HEADERS = [
  'x : y',
  ' folded',
  '\tfolded',
  'no colon',
  ': no name',
  'x: a\0b',
  'x: a\rb',
  'x: a\nb',
  'x: \x01',
  'x: \x7f',
  '(x): y',
  'content-length : 5',
  'content-length: 5',
  'content-length: 0',
  'content-length: +5',
  'content-length: 5, 5',
  'content-length: 0x5',
  'content-length:',
  'content-length: 5 5',
  'content-length: 99999999999999999999',
  'Content-Length: 4',
  'transfer-encoding: chunked',
  'transfer-encoding: gzip',
  'transfer-encoding: gzip, chunked',
  'transfer-encoding: chunked, gzip',
  'transfer-encoding: chunked, chunked',
  'transfer-encoding: xchunked',
  'transfer-encoding: identity',
  'transfer-encoding:',
  'Transfer-Encoding : chunked',
  'upgrade: h2c',
];
const BODIES = ['', 'a', 'hello', 'two\r\nlines', '0\r\n\r\n', 'HTTP/1.1 500 No\r\n\r\n', 'z'.repeat(700)];
const EXTENSIONS = [
  '',
  '',
  '',
  '',
  ';a',
  ';a=b',
  ';a="b;c"',
  '; a = b',
  ';',
  ' ',
  '\t',
  ' ;a',
  ';\u00e4',
  ';a\x01',
];
const TRAILERS = [
  '',
  '',
  '',
  'x: y\r\n',
  'x: y\r\nz:\r\n',
  'no colon\r\n',
  ' x: y\r\n',
  'x : y\r\n',
  'content-length: 3\r\n',
];
const INTERIM = [
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 102 Processing\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\ncontent-length: 3\r\n\r\n',
  'HTTP/1.1 199 Odd\r\ntransfer-encoding: chunked\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
];

/** Generates answers of HTTP/1.1: valid ones, ones with a fault, and ones with faults in their bytes. */
export class AnswerGenerator {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  next(): GeneratedAnswer {
    let text = '';
    while (this.#chance(0.08)) text += this.#pick(INTERIM);
    text += this.#answer();
    if (this.#chance(0.1))
      text += this.#pick(['\r\n', 'more', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', '\0']);
    while (this.#chance(0.25)) text = this.#damage(text);
    return { pieces: this.#cut(text), end: this.#chance(0.05) ? 'reset' : 'close' };
  }

  #answer(): string {
    const version = this.#chance(0.02) ? this.#pick(ODD_VERSIONS) : this.#pick(VERSIONS);
    const status = this.#chance(0.02) ? this.#pick(ODD_STATUSES) : this.#pick(STATUSES);
    const headers = [];
    while (this.#chance(0.6))
      headers.push(this.#chance(0.15) ? this.#pick(ODD_HEADERS) : this.#pick(HEADERS));
    const { header, body } = this.#framed(this.#pick(BODIES));
    if (header !== null) headers.splice(Math.floor(this.#random() * (headers.length + 1)), 0, header);
    const lineEnd = this.#chance(0.01) ? this.#pick(['\n', '\r', '\r\r\n']) : '\r\n';
    return `${version} ${status}${this.#pick(REASONS)}${lineEnd}${headers.map((line) => line + lineEnd).join('')}\r\n${body}`;
  }

  /** Returns a body as it is written, with the header that tells its length. */
  #framed(body: string): { header: string | null; body: string } {
    const way = this.#random();
    if (way < 0.45) {
      const length = this.#chance(0.1) ? Math.max(0, body.length + this.#pick([-2, -1, 1, 3])) : body.length;
      return {
        header: `${this.#pick(['content-length', 'Content-Length'])}:${this.#pick(['', ' ', '\t'])}${length}`,
        body,
      };
    }
    if (way < 0.85) return { header: 'Transfer-Encoding: chunked', body: this.#chunked(body) };
    return { header: null, body };
  }

  #chunked(body: string): string {
    let text = '';
    for (let at = 0; at < body.length; ) {
      const length = Math.min(body.length - at, 1 + Math.floor(this.#random() * body.length));
      const told = this.#chance(0.02) ? length + this.#pick([-1, 1, 2 ** 20]) : length;
      const size = this.#pick([told.toString(16), told.toString(16).toUpperCase(), `00${told.toString(16)}`]);
      text += `${this.#chance(0.01) ? this.#pick(['', '-1', 'g', '0x5', 'fffffffffffffffff']) : size}${this.#pick(EXTENSIONS)}\r\n`;
      text += `${body.slice(at, at + length)}${this.#chance(0.02) ? this.#pick(['', '\n', '\r', 'x\r\n']) : '\r\n'}`;
      at += length;
    }
    return `${text}${this.#pick(['0', '0', '0', '00', '0;a'])}\r\n${this.#pick(TRAILERS)}${this.#chance(0.02) ? '' : '\r\n'}`;
  }

  /** Changes one place of a text: a byte is flipped, left out, doubled or put in, or the text is cut off there. */
  #damage(text: string): string {
    const at = Math.floor(this.#random() * text.length);
    const [before, here, after] = [text.slice(0, at), text.slice(at, at + 1), text.slice(at + 1)];
    const odd = String.fromCharCode(Math.floor(this.#random() * 256));
    switch (Math.floor(this.#random() * 6)) {
      case 0:
        return (
          before + String.fromCharCode(here.charCodeAt(0) ^ (1 << Math.floor(this.#random() * 8))) + after
        );
      case 1:
        return before + after;
      case 2:
        return before + here + here + after;
      case 3:
        return before + odd + here + after;
      case 4:
        return before + this.#pick(['\r\n', '\r', '\n', ' ', ':', ',', '\r\n\r\n']) + here + after;
      default:
        return before;
    }
  }

  #cut(text: string): string[] {
    const pieces = [];
    let rest = text;
    while (rest.length > 1 && this.#chance(0.3)) {
      const length = 1 + Math.floor(this.#random() * (rest.length - 1));
      pieces.push(rest.slice(0, length));
      rest = rest.slice(length);
    }
    return [...pieces, rest];
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)] as T;
  }
}
