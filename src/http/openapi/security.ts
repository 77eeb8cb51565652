import type { SecurityScheme } from './description.ts';

/** The ways to authenticate, as `authentication.ts` takes them. */
export const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A token of POST /api/auth/login, of the command line, or of the identity provider.',
  },
  basic: { type: 'http', scheme: 'basic', description: 'public_key:secret_key of an API key.' },
  publicKey: {
    type: 'apiKey',
    in: 'header',
    name: 'stream-public-key',
    description: 'The public half of an API key, beside stream-secret-key.',
  },
  secretKey: {
    type: 'apiKey',
    in: 'header',
    name: 'stream-secret-key',
    description: 'The secret half of an API key, beside stream-public-key.',
  },
  metricsToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'For /metrics alone, where the operator set MEDIAHOOKS_METRICS_TOKEN.',
  },
} as const satisfies Record<string, SecurityScheme>;

/** Any one of these, each with all that it names. */
export const SECURITY = [{ bearer: [] }, { basic: [] }, { publicKey: [], secretKey: [] }];

/** Credentials are looked at, and not needed for what is public. */
export const OPTIONAL_CREDENTIALS = [{}, ...SECURITY];

export const OPTIONAL_METRICS_TOKEN = [{}, { metricsToken: [] }];
