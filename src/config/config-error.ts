/** Thrown if a setting prevents the service from starting. The message names the setting and the problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
