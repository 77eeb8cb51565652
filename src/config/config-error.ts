/**
 * Error in a setting, because of which the service can't start. The message names the
 * setting and the problem.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
