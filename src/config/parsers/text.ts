/** Parses any text that is not empty. */
export function nonEmpty(text: string): string {
  if (text === '') throw new TypeError('expected a value');
  return text;
}

export function boolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new TypeError('expected true or false');
  return text === 'true';
}

/** Returns a parser that accepts only the texts in `values`. */
export function oneOf<Value extends string>(values: readonly Value[]): (text: string) => Value {
  return (text) => {
    const value = values.find((known) => known === text);
    if (value === undefined) throw new TypeError(`expected one of ${values.join(', ')}`);
    return value;
  };
}

/** Returns a parser that accepts any text except the empty text and `reserved`. */
export function nonEmptyExcept(reserved: string): (text: string) => string {
  return (text) => {
    if (text === '' || text === reserved) throw new TypeError(`expected a value other than ${reserved}`);
    return text;
  };
}

/** Parses a secret of at least 16 visible ASCII characters, because a shorter secret could be guessed. */
export function token(text: string): string {
  if (!/^[\x21-\x7e]{16,}$/.test(text)) {
    throw new TypeError('expected at least 16 characters, without spaces');
  }
  return text;
}

/** Splits a text at its commas. Removes white space around the entries, and leaves out empty entries. */
export function commaSeparated(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
