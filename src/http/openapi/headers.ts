/** Descriptions of response headers. The answers in the OpenAPI document refer to these descriptions. */
const HEADERS = {
  'x-request-id': {
    description:
      'Id of the request: the one that the caller sent, or otherwise one that the service created.',
    required: true,
    schema: { type: 'string', minLength: 1, maxLength: 128 },
  },
  // draft-ietf-httpapi-ratelimit-headers-10 defines the headers `ratelimit-policy` and `ratelimit`.
  'ratelimit-policy': {
    description:
      'Rate limit, if the operator set one: `q` requests are accepted at once, and as many again after `w` seconds.',
    schema: { type: 'string', pattern: '^"(account|address)";q=\\d+;w=\\d+$' },
  },
  ratelimit: {
    description:
      'State of the rate limit, if the operator set one: `r` requests are left, and after `t` seconds all are available again.',
    schema: { type: 'string', pattern: '^"(account|address)";r=\\d+;t=\\d+$' },
  },
  'www-authenticate': {
    description: 'Authentication schemes that the API accepts.',
    required: true,
    schema: { type: 'string', minLength: 1 },
  },
  'retry-after': {
    description: 'Seconds after which the client should retry.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
  },
  'content-range': {
    description:
      'Range of the returned bytes and size of the file; only the size if the range lies outside the file.',
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

/** Response headers for the components of the OpenAPI document. */
export const HEADER_COMPONENTS: Readonly<Record<string, object>> = HEADERS;

/**
 * Returns references to the headers of an answer. `isLimited` says whether the request counts
 * for the rate limits.
 */
export function answerHeaders({ status, isLimited }: { status: number; isLimited: boolean }) {
  const limits: HeaderName[] = isLimited ? ['ratelimit-policy', 'ratelimit'] : [];
  const names: HeaderName[] = ['x-request-id', ...limits, ...(OF_STATUS[status] ?? [])];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
