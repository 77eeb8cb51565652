/** HTML in which all values are already escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export const NOTHING = new Html('');

type Value = Html | string | number | false | null | undefined | readonly Html[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Renders an HTML template. Escapes all values except those of the class `Html`. Leaves out the values
 * `false`, `null` and `undefined`.
 */
export function html(strings: TemplateStringsArray, ...values: Value[]): Html {
  const rest = strings.slice(1).map((text, n) => textOf(values[n]) + text);
  return new Html(strings[0] + rest.join(''));
}

function textOf(value: Value): string {
  if (value === false || value === null || value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character] as string);
}
