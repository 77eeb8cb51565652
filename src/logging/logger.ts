import { type Logger, pino } from 'pino';

export type { Logger };

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * One JSON line an entry, on standard error: standard output is for what a person or a script asked for.
 * Headers and bodies of requests are never logged; the paths below guard against a slip.
 */
export function createLogger(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          '*.secret',
          '*.secretHash',
          '*.privateKey',
          '*.encryptionKey',
          '*.token',
          '*.password',
          'headers',
          '*.headers',
        ],
        censor: '[hidden]',
      },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
