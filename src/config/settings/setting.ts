/** An environment variable that the service reads. */
export interface Setting<Key extends string, Value> {
  /** Name of the setting's value in `SettingValues`. */
  readonly key: Key;
  /**
   * Text that is parsed if the variable is not set. If `isDerived` is true, the text is not parsed: it tells
   * people how the service finds the value, and is empty if there is no default value.
   */
  readonly default: string;
  /** Whether the setting has the value `null` if the variable is not set. */
  readonly isDerived: boolean;
  /** Whether `check-config` and error messages must hide the value. */
  readonly isSecret: boolean;
  readonly description: string;
  /**
   * Parses a text from which surrounding white space has been removed.
   * @throws TypeError that says which texts are valid
   */
  readonly parse: (text: string) => Value;
}

interface Entry<Key extends string, Value> {
  readonly key: Key;
  readonly description: string;
  readonly parse: (text: string) => Value;
}

/** Declares a setting with a default value. */
export function setting<Key extends string, Value>(
  entry: Entry<Key, Value> & { readonly default: string },
): Setting<Key, Value> {
  return { ...entry, isDerived: false, isSecret: false };
}

/** Declares a setting whose default value is computed from the machine or from other settings. */
export function derived<Key extends string, Value>(
  entry: Entry<Key, Value> & { readonly default: string },
): Setting<Key, Value | null> {
  return { ...entry, isDerived: true, isSecret: false };
}

/** Declares a setting that need not be set and has no default value. */
export function optional<Key extends string, Value>(entry: Entry<Key, Value>): Setting<Key, Value | null> {
  return { ...entry, default: '', isDerived: true, isSecret: false };
}

/** Declares a setting that need not be set, has no default value, and is hidden in output. */
export function optionalSecret<Key extends string, Value>(
  entry: Entry<Key, Value>,
): Setting<Key, Value | null> {
  return { ...entry, default: '', isDerived: true, isSecret: true };
}
