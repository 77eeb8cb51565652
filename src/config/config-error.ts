/** A setting with which the service can't start. The message names the setting, the expected value, and the given one. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
