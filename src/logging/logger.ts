import { type Logger, pino } from 'pino';

export type { Logger };

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Creates the logger. It writes one line of JSON per entry to standard error, because standard output is for the results of
 * commands. Headers and bodies of requests are never logged; the redacted paths guard against mistakes.
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
