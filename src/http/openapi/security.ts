import type { SecurityScheme } from './description.ts';

/**
 * Authentication schemes for the OpenAPI document. `hooks/authentication.ts` accepts all of them
 * except `metricsToken`.
 */
export const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A token from POST /api/auth/login, from the command line, or from the identity provider.',
  },
  basic: { type: 'http', scheme: 'basic', description: 'public_key:secret_key of an API key.' },
  publicKey: {
    type: 'apiKey',
    in: 'header',
    name: 'stream-public-key',
    description: 'Public half of an API key; sent together with stream-secret-key.',
  },
  secretKey: {
    type: 'apiKey',
    in: 'header',
    name: 'stream-secret-key',
    description: 'Secret half of an API key; sent together with stream-public-key.',
  },
  consoleCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-mediahooks',
    description:
      'Session of the web console, for its own pages; sent together with the header `x-mediahooks-console: 1`. Over plain http, the name is mediahooks.',
  },
  metricsToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'Only for /metrics, if the operator set MEDIAHOOKS_METRICS_TOKEN.',
  },
} as const satisfies Record<string, SecurityScheme>;

/**
 * Alternative credentials for a request. Each alternative lists the authentication schemes that
 * are used together.
 */
export const SECURITY = [
  { bearer: [] },
  { basic: [] },
  { publicKey: [], secretKey: [] },
  { consoleCookie: [] },
];

/** Security of operations that need credentials only for objects that are not public. */
export const OPTIONAL_CREDENTIALS = [{}, ...SECURITY];

export const OPTIONAL_METRICS_TOKEN = [{}, { metricsToken: [] }];
