import { LOG_LEVELS } from '../../logging/logger.ts';
import { oneOf, token } from '../parsers/text.ts';
import { optionalSecret, setting } from './setting.ts';

export const OBSERVABILITY_SETTINGS = {
  MEDIAHOOKS_METRICS_TOKEN: optionalSecret({
    key: 'metricsToken',
    description:
      'Bearer token that /metrics requires, of at least 16 characters. If it is not set, /metrics needs no credentials.',
    parse: token,
  }),
  MEDIAHOOKS_LOG_LEVEL: setting({
    key: 'logLevel',
    default: 'info',
    description: `Lowest level that is logged: ${LOG_LEVELS.join(', ')}.`,
    parse: oneOf(LOG_LEVELS),
  }),
} as const;
