import { CommanderError } from 'commander';
import { createProgram } from './commands/program.ts';
import { UsageError } from './commands/usage-error.ts';
import { ConfigError } from './config/config-error.ts';
import { DataFileError } from './data-folder/data-file-error.ts';
import { DataInUseError } from './data-folder/lock.ts';
import { ServiceError } from './domain/errors.ts';

/**
 * Errors that the user of the command line can correct. For these, only the message is printed. Any other
 * error is a defect of the program, and is printed with its stack.
 */
const EXPECTED_ERRORS = [UsageError, ConfigError, DataFileError, DataInUseError, ServiceError];

// The umask makes all files that the process creates accessible only to their owner, because they can contain
// secrets or an account's media.
process.umask(0o077);

// Errors of standard output are ignored, so that the service continues when the program that reads its output
// has ended.
process.stdout.on('error', () => undefined);

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Prints an error to standard error. @returns the exit code */
function report(error: unknown): number {
  // Nothing is printed here, because Commander has already printed its own error.
  if (error instanceof CommanderError) return error.exitCode;
  const isExpected = EXPECTED_ERRORS.some((expected) => error instanceof expected) || isSystemError(error);
  const text = isExpected ? (error as Error).message : (error as Error).stack;
  process.stderr.write(`mediahooks: ${text}\n`);
  return 1;
}

/**
 * Returns whether a system call failed, for example because a file of the data folder belongs to another user.
 * The message names the file. An error of the network names none, and is printed with its stack.
 */
function isSystemError(error: unknown): boolean {
  const { errno, path } = error as NodeJS.ErrnoException;
  return errno !== undefined && path !== undefined;
}
