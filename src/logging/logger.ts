import { type Logger, pino } from 'pino';
import { LogWriter } from './log-writer.ts';

export type { Logger };

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const STANDARD_ERROR = 2;

/** Logger of this process, which reports how many entries were dropped. `null`: no logger was created yet. */
let reporter: Logger | null = null;
/** Writer of all loggers of this process, because they share standard error. */
let writer: LogWriter | null = null;

/**
 * Creates a logger that writes each entry as one line of JSON to standard error, because standard output is
 * for the results of commands. The service never logs headers or bodies of requests; the redacted paths hide
 * secrets that are logged by mistake. An entry is written soon after the call, and at the latest when the process
 * ends. If standard error takes no more, entries are dropped, and counted by `droppedEntries`.
 */
export function createLogger(level: LogLevel): Logger {
  const logger = pino(
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
    openWriter(),
  );
  reporter ??= logger;
  return logger;
}

/** Returns the number of entries that were dropped since the start, because standard error took no more. */
export function droppedEntries(): number {
  return writer?.dropped ?? 0;
}

function openWriter(): LogWriter {
  if (writer) return writer;
  // Creating Node's own stream makes a pipe or a socket non-blocking. Otherwise a reader that hangs would block a
  // thread, and with it the end of the process. Errors of that stream are ignored, so that they end nothing.
  process.stderr.on('error', () => undefined);
  const opened = new LogWriter({
    fd: STANDARD_ERROR,
    onDropped: (count) => reporter?.warn({ count }, 'log entries were dropped'),
  });
  process.on('exit', () => opened.flushSync());
  writer = opened;
  return opened;
}
