/** Headers of answers, as the API's description tells of them; each once, and by reference where it is answered. */
const HEADERS = {
  'x-request-id': {
    description: "The caller's own id of the request, where that came with one; else one that we made.",
    required: true,
    schema: { type: 'string', minLength: 1, maxLength: 128 },
  },
  // Those of draft-ietf-httpapi-ratelimit-headers-10.
  'ratelimit-policy': {
    description:
      'Where the operator sets a limit: `q` requests are taken at once, and all of them again after `w` seconds.',
    schema: { type: 'string', pattern: '^"(account|address)";q=\\d+;w=\\d+$' },
  },
  ratelimit: {
    description: 'Where the operator sets a limit: `r` requests are left, and in `t` seconds all are back.',
    schema: { type: 'string', pattern: '^"(account|address)";r=\\d+;t=\\d+$' },
  },
  'www-authenticate': {
    description: 'The schemes that are taken.',
    required: true,
    schema: { type: 'string', minLength: 1 },
  },
  'retry-after': {
    description: 'Seconds after which to try again.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
  },
  'content-range': {
    description:
      'Which bytes of how many these are; without the former where the range lies outside the file.',
    required: true,
    schema: { type: 'string', pattern: '^bytes (\\d+-\\d+|\\*)/\\d+$' },
  },
} as const;

type HeaderName = keyof typeof HEADERS;

const OF_STATUS: Readonly<Record<number, readonly HeaderName[]>> = {
  206: ['content-range'],
  401: ['www-authenticate'],
  416: ['content-range'],
  429: ['retry-after'],
  503: ['retry-after'],
};

/** For the description's components. */
export const HEADER_COMPONENTS: Readonly<Record<string, object>> = HEADERS;

/** The headers that matter of an answer. `isLimited`: whether its request counts for the limits of rates. */
export function answerHeaders({ status, isLimited }: { status: number; isLimited: boolean }) {
  const limits: HeaderName[] = isLimited ? ['ratelimit-policy', 'ratelimit'] : [];
  const names: HeaderName[] = ['x-request-id', ...limits, ...(OF_STATUS[status] ?? [])];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
