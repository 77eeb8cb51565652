/** Line of an HLS playlist that is no comment (RFC 8216 §4.1): a tag with its value, or a URI. */
export interface Line {
  /** Name of the tag, such as `EXTINF`; `null`: the line is a URI. */
  readonly tag: string | null;
  readonly value: string;
}

/** Splits a playlist into its lines, without comments and empty lines. */
export function linesOf(playlist: string): Line[] {
  return playlist
    .split(/\r?\n/)
    .filter((line) => line !== '' && (!line.startsWith('#') || line.startsWith('#EXT')))
    .map((line) => {
      if (!line.startsWith('#')) return { tag: null, value: line };
      const [, tag = '', value = ''] = /^#([^:]*):?(.*)$/.exec(line) ?? [];
      return { tag, value };
    });
}

/** Attributes of a tag as they are written, quotes included; `null`: they break the rules of RFC 8216 §4.2. */
export function attributesOf(value: string): Map<string, string> | null {
  const attributes = new Map<string, string>();
  let rest = value;
  while (rest !== '') {
    const match = /^([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,(?=.)|$)/.exec(rest);
    const [whole = '', name = '', text = ''] = match ?? [];
    if (!match || attributes.has(name)) return null;
    attributes.set(name, text);
    rest = rest.slice(whole.length);
  }
  return attributes;
}

/** Returns the text of a quoted attribute; `null`: the attribute is missing or not quoted. */
export function quoted(value: string | undefined): string | null {
  return /^"(.*)"$/.exec(value ?? '')?.[1] ?? null;
}
