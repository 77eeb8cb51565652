/**
 * Error for a command-line argument that can't be used. The message is one line that names the argument and
 * says what was expected.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(argument: string, problem: string) {
    super(`${argument}: ${problem}`);
  }
}
