/** An environment variable that the service reads. */
export interface Setting<Key extends string, Value> {
  /** Name of its value in `SettingValues`. */
  readonly key: Key;
  /** Text that applies if the variable is not set. Derived settings have a phrase instead, which says how the value is found. */
  readonly default: string;
  /** Whether the value is `null`, and the default is not parsed, if the variable is not set. */
  readonly isDerived: boolean;
  /** Whether the value must not be shown, neither by `check-config` nor in error messages. */
  readonly isSecret: boolean;
  readonly description: string;
  /** Returns the value of a trimmed text. @throws TypeError that says what was expected */
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

/** Declares a setting whose default follows from the machine or from other settings. */
export function derived<Key extends string, Value>(
  entry: Entry<Key, Value> & { readonly default: string },
): Setting<Key, Value | null> {
  return { ...entry, isDerived: true, isSecret: false };
}

/** Declares a setting that may be left out. */
export function optional<Key extends string, Value>(entry: Entry<Key, Value>): Setting<Key, Value | null> {
  return { ...entry, default: '', isDerived: true, isSecret: false };
}

/** Declares a setting that may be left out, and whose value must not be shown. */
export function optionalSecret<Key extends string, Value>(
  entry: Entry<Key, Value>,
): Setting<Key, Value | null> {
  return { ...entry, default: '', isDerived: true, isSecret: true };
}
