import { createHash, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../../domain/errors.ts';
import type { App } from '../app.ts';
import type { RateLimits } from '../hooks/rate-limits.ts';
import { OPTIONAL_METRICS_TOKEN } from '../openapi/security.ts';
import type { Services } from '../services.ts';

/**
 * Registers the route of the service's metrics, for Prometheus. If the operator has set a token,
 * requests must carry it.
 */
export function metricsRoute(
  app: App,
  { metrics, metricsToken }: Pick<Services, 'metrics' | 'metricsToken'>,
  limits: RateLimits,
): void {
  const config = {
    access: 'public',
    isProbe: true,
    errors: {
      unauthorized: 'The operator set a token for metrics, and the request does not carry it.',
      rate_limited: 'Too many invalid credentials from the address.',
    },
    answers: {
      200: {
        description: "Metrics in Prometheus's text format.",
        contentTypes: [metrics.registry.contentType],
      },
    },
  } as const;
  const schema = {
    operationId: 'getMetrics',
    tags: ['Health'],
    summary: 'Metrics of the service, for Prometheus',
    security: OPTIONAL_METRICS_TOKEN,
  };
  app.get('/metrics', { config, schema }, async (request, reply) => {
    if (metricsToken !== null) {
      limits.guess(request);
      if (!isBearerOf(metricsToken, request.headers.authorization))
        throw new ServiceError('unauthorized', 'expected the metrics token as a bearer token');
      limits.confirm(request);
    }
    reply.header('cache-control', 'no-store').type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
}

/**
 * Returns whether a header carries `token` as a bearer token. Compares hashes in constant time: all hashes
 * have the same length, and the number of equal bytes in two hashes tells nothing about the token.
 */
function isBearerOf(token: string, authorization = ''): boolean {
  const [scheme = '', given = ''] = authorization.trim().split(/\s+/);
  return scheme.toLowerCase() === 'bearer' && timingSafeEqual(sha256(given), sha256(token));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
