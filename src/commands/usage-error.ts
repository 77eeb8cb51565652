/** An argument that a command cannot use. The message is one line that names the argument and what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(argument: string, problem: string) {
    super(`${argument}: ${problem}`);
  }
}
