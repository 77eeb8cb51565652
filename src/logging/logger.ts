import { type Logger, pino } from 'pino';

export type { Logger };

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Creates a logger that writes each entry as one line of JSON to standard error, because standard output is
 * for the results of commands. The service never logs headers or bodies of requests; the redacted paths hide
 * secrets that are logged by mistake.
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
