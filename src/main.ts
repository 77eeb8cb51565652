import { CommanderError } from 'commander';
import { createProgram } from './commands/program.ts';
import { terminal } from './commands/terminal.ts';
import { UsageError } from './commands/usage-error.ts';
import { ConfigError } from './config/config-error.ts';
import { DataInUseError } from './data-folder/lock.ts';
import { ServiceError } from './domain/errors.ts';

/** Errors that the caller can mend. Their message is enough; every other error is a defect, and shown with its stack. */
const EXPECTED_ERRORS = [UsageError, ConfigError, DataInUseError, ServiceError];

// Every file that the service makes may hold secrets, or belong to one account.
process.umask(0o077);

// The service continues when the reader of its standard output goes away.
process.stdout.on('error', () => undefined);

try {
  await createProgram(terminal).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Prints what went wrong. @returns the exit code */
function report(error: unknown): number {
  // Commander has printed its own errors already.
  if (error instanceof CommanderError) return error.exitCode;
  const isExpected = EXPECTED_ERRORS.some((expected) => error instanceof expected);
  const text = isExpected ? (error as Error).message : (error as Error).stack;
  process.stderr.write(`mediahooks: ${text}\n`);
  return 1;
}
