import { connect } from 'node:net';
import fc from 'fast-check';
import type { Actor } from '../draft.ts';
import { Known } from '../known.ts';

/** A request as text, made before the ids and credentials of a service are known. */
export interface RawRequest {
  readonly line: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly actor: Actor;
  readonly body: unknown;
  /** Space between the values of the JSON of the body. */
  readonly space: string;
  /** Changes the JSON of the body. */
  readonly spoil: (json: string) => string;
  /** Form in which the length of the body is given. */
  readonly framing: Framing;
}

type Framing = 'length' | 'chunks' | 'short' | 'none' | 'both';

/** Requests of one connection, and the number of bytes after which the client pauses. */
export interface RawExchange {
  readonly requests: readonly RawRequest[];
  readonly pauses: readonly number[];
}

const texts = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom(
    '',
    ' ',
    'é',
    '😀'.repeat(128),
    'x'.repeat(255),
    'x'.repeat(256),
    '\ud83d',
    '"\\',
    '[{',
    '\u2028',
  ),
);

const TIMES = [
  ...[
    '2026-11-24T08:00:00Z',
    '2026-11-24T08:00:00.123Z',
    '2026-11-24T08:00:00.1234Z',
    '2026-11-24T08:00:00+02:00',
  ],
  ...['2026-02-29T00:00:00Z', '2024-02-29T00:00:00Z', '2026-02-30T00:00:00.000Z', '2026-04-31T12:00:00Z'],
  ...['2016-12-31T23:59:60Z', '2026-11-24T24:00:00Z', '2026-11-24T08:60:00Z', '0000-01-01T00:00:00Z'],
  ...[
    '9999-12-31T23:59:59.999Z',
    '2026-13-01T00:00:00Z',
    '2026-11-24t08:00:00z',
    '2026-11-24 08:00:00Z',
    'now',
    '',
  ],
];

const event: fc.Arbitrary<Record<string, unknown>> = fc.record(
  {
    type: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('file.received', 'encoding.started', 'encoding.finished') },
      fc.constantFrom<unknown[]>('nothing', '', null, 1, ['file.received']),
    ),
    event_id: fc.oneof({ weight: 9, arbitrary: fc.uuid() }, texts, fc.constantFrom<unknown[]>(null, 7)),
    media_id: fc.oneof({ weight: 9, arbitrary: fc.uuid() }, texts),
    media_type: fc.constantFrom<unknown[]>('video', 'audio', 'live-stream', 'video', 'video', 'picture'),
    qualities: fc.constantFrom<unknown[]>(
      '360p',
      '360p,720p',
      ' 360p , 720p',
      '',
      ' ',
      '360p,',
      ',',
      'a b',
      'x'.repeat(1_001),
      ['1'],
    ),
    title: texts,
    status: fc.constantFrom<unknown[]>('new', 'transcoding', 'done', '', null),
    emitted_at: fc.constantFrom<unknown[]>(...TIMES, 1),
    user_id: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(new Known('actor', 0), new Known('account', 1)) },
      fc.constantFrom<unknown[]>(
        new Known('account', 3),
        'nobody',
        'urn:uuid:0197c0de-0000-7000-8000-000000000001',
      ),
    ),
    extra: fc.constantFrom<unknown[]>(1, {}, [[]]),
    toString: fc.constant('x'),
  },
  { requiredKeys: ['type', 'event_id', 'media_id', 'user_id'] },
);

/** A list that fast-check prints in one line. */
class Repeated {
  readonly item: unknown;
  readonly times: number;

  constructor(item: unknown, times: number) {
    this.item = item;
    this.times = times;
  }

  toJSON(): unknown[] {
    return Array.from({ length: this.times }, () => this.item);
  }
}

/** Most events are of the ordinary kind, so that the direct way is taken as often as the other. */
const ordinary = event.map(({ type, event_id, media_id, user_id, title }) => ({
  type,
  event_id,
  media_id,
  user_id,
  ...(typeof title === 'string' ? { title } : {}),
}));
const anyEvent = fc.oneof({ weight: 3, arbitrary: ordinary }, event);

const body: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: anyEvent },
  { weight: 6, arbitrary: fc.array(anyEvent, { maxLength: 5 }) },
  { weight: 1, arbitrary: ordinary.map((one) => new Repeated(one, 120)) },
  { weight: 1, arbitrary: ordinary.map((one) => new Repeated(one, 1_001)) },
  { weight: 1, arbitrary: fc.constantFrom<unknown[]>(null, 1, 'text', {}, [[]], [null], true) },
);

const SPOILERS: readonly ((json: string) => string)[] = [
  (json) => json.slice(0, -1),
  (json) => `${json}}`,
  (json) => `\ufeff${json}`,
  (json) => ` \r\n\t${json}\n`,
  (json) => json.replace('{', '{"__proto__":{"a":1},'),
  (json) => json.replace('{', '{"constructor":{"prototype":{}},'),
  (json) => json.replace('{', '{"type":"nothing",'),
  (json) => json.replace('{', '{"title":"\\ud83d",'),
  (json) => json.replace('{', `{"title":${'['.repeat(20_000)},`),
  (json) => json.replace('[', '[,'),
  (json) => `[${'{},'.repeat(30_000)}${json}]`,
  () => '',
];

const HEADERS: readonly (readonly [string, string])[] = [
  ['x-request-id', 'trace-4711'],
  ['x-request-id', '<script>'],
  ['X-Request-ID', ''],
  ['origin', 'https://another.example'],
  ['sec-fetch-site', 'cross-site'],
  ['expect', '100-continue'],
  ['expect', 'something'],
  ['upgrade', 'websocket'],
  ['content-encoding', 'gzip'],
  ['accept', 'text/html'],
  ['accept-version', '1.0'],
  ['x-filler', 'x'.repeat(3_000)],
  ['x-forwarded-for', '192.0.2.1'],
  ['host', 'another'],
  ['content-type', 'text/plain'],
  ['authorization', 'Basic Og=='],
];

/** Headers that Node's parser refuses. */
const MALFORMED_HEADERS: readonly (readonly [string, string])[] = [
  ['x-filler', 'x'.repeat(17_000)],
  ['bad name', 'x'],
  ['x-text', 'a\0b'],
];

const TYPES = [
  ...[
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON',
    'application/json ',
  ],
  ...['application/json; charset=latin1', 'application/json;', 'application/jsonx', 'text/plain', ''],
];

const LINES = [
  ...[
    'POST /api/events?x=1 HTTP/1.1',
    'POST /api/events/ HTTP/1.1',
    'POST /api/Events HTTP/1.1',
    'PUT /api/events HTTP/1.1',
  ],
  ...[
    'POST /api/events HTTP/1.0',
    'POST http://there/api/events HTTP/1.1',
    'POST //api/events HTTP/1.1',
    'POST /api/%65vents HTTP/1.1',
  ],
  ...['POST /api/events# HTTP/1.1', 'HEAD /api/events HTTP/1.1', 'OPTIONS /api/events HTTP/1.1'],
  ...['GET /healthz HTTP/1.1', 'GET /api/events HTTP/1.1'],
];

const MALFORMED_LINES = [
  'post /api/events HTTP/1.1',
  'POST /api/events HTTP/2.0',
  'POST /api/events',
  ' POST / HTTP/1.1',
];

const often = <T>(usual: T, others: readonly T[], weight = 12): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));

interface Framed {
  readonly line: fc.Arbitrary<string>;
  readonly framing: fc.Arbitrary<Framing>;
  readonly others: fc.Arbitrary<readonly (readonly [string, string])[]>;
}

function requestsOf(framed: Framed): fc.Arbitrary<RawRequest> {
  return fc
    .record({
      ...framed,
      type: often<string | null>('application/json', [...TYPES, null], 16),
      host: often<string | null>('there', ['', null], 30),
      actor: often<Actor>(
        'operator',
        [
          'operator token',
          'operator token',
          'operator token',
          'other account',
          'upload key',
          'nobody',
          'stranger',
        ],
        14,
      ),
      body,
      space: fc.constantFrom('', '', '', ' ', '\n\t'),
      spoil: fc.oneof(
        { weight: 14, arbitrary: fc.constant((json: string) => json) },
        fc.constantFrom(...SPOILERS),
      ),
    })
    .map(({ type, host, others, ...rest }) => ({
      ...rest,
      headers: [
        ...(host === null ? [] : [['Host', host] as const]),
        ...(type === null ? [] : [['Content-Type', type] as const]),
        ...others,
      ],
    }));
}

const LINE = often('POST /api/events HTTP/1.1', LINES, 16);
const OTHERS = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  fc.shuffledSubarray([...HEADERS], { maxLength: 3 }),
);

const wellFormed = requestsOf({
  line: LINE,
  framing: often<Framing>('length', ['chunks'], 8),
  others: OTHERS,
});

/**
 * Requests that Node's parser refuses. Each is alone on its connection and arrives in one piece, because Node answers
 * its error at once, whatever it is doing for the requests before it.
 */
const malformed = fc.oneof(
  requestsOf({ line: fc.constantFrom(...MALFORMED_LINES), framing: fc.constant('length'), others: OTHERS }),
  requestsOf({ line: LINE, framing: fc.constantFrom('short', 'none', 'both'), others: OTHERS }),
  requestsOf({
    line: LINE,
    framing: fc.constant('length'),
    others: fc.constantFrom(...MALFORMED_HEADERS).map((one) => [one]),
  }),
);

/** A few requests on one connection, sent in pieces. The last one asks for the connection to be closed. */
export const exchange: fc.Arbitrary<RawExchange> = fc.oneof(
  {
    weight: 7,
    arbitrary: fc.record({
      requests: fc.array(wellFormed, { minLength: 1, maxLength: 3 }),
      pauses: fc.array(fc.nat(1_200), { maxLength: 2 }),
    }),
  },
  malformed.map((request) => ({ requests: [request], pauses: [] })),
);

/** Returns the bytes of an exchange for one service. @param textOf returns the text for a reference */
export function bytesOf(
  { requests }: RawExchange,
  textOf: (known: Known) => string,
  headersFor: (actor: Actor) => Record<string, string>,
): Buffer {
  const written = requests.map(({ line, headers, actor, body: value, space, spoil, framing }, index) => {
    const json = spoil(
      JSON.stringify(value, (_name, one) => (one instanceof Known ? textOf(one) : one), space) ?? '',
    );
    const bytes: Buffer = Buffer.from(json);
    const lines = [
      line,
      ...[...headers, ...Object.entries(headersFor(actor))].map(([name, text]) => `${name}: ${text}`),
      ...(index === requests.length - 1 ? ['connection: close'] : []),
    ];
    const length = `content-length: ${framing === 'short' ? bytes.length >> 1 : bytes.length}`;
    if (framing === 'length' || framing === 'short' || framing === 'both') lines.push(length);
    if (framing === 'chunks' || framing === 'both') lines.push('transfer-encoding: chunked');
    const chunked: Buffer = Buffer.concat([
      Buffer.from(`${bytes.length.toString(16)}\r\n`),
      bytes,
      Buffer.from(bytes.length === 0 ? '\r\n' : '\r\n0\r\n\r\n'),
    ]);
    const content = framing === 'chunks' || framing === 'both' ? chunked : bytes;
    return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content]);
  });
  return Buffer.concat(written);
}

/** Sends bytes in pieces, and returns everything that comes back until the service closes the connection. */
export async function exchangeBytes(
  serviceUrl: string,
  bytes: Buffer,
  pauses: readonly number[],
): Promise<string> {
  const { hostname, port } = new URL(serviceUrl);
  const socket = connect(Number(port), hostname);
  // A service that refuses a request may close the connection while the rest is being sent.
  socket.on('error', () => undefined);
  let from = 0;
  for (const pause of [...pauses].sort((a, b) => a - b)) {
    if (pause <= from || pause >= bytes.length) continue;
    socket.write(bytes.subarray(from, pause));
    from = pause;
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  }
  socket.write(bytes.subarray(from));
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(received).toString('latin1');
}
