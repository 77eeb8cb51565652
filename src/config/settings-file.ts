import { parseEnv } from 'node:util';
import { ConfigError } from './config-error.ts';
import { readSmallFile } from './small-file.ts';

/** The beginning of a line that sets, or tries to set, one of our variables. */
const OUR_LINE = /^\s*(?:export\s+)?(MEDIAHOOKS_\w*)(.*)$/;
/** A value without quotes in which a `#` follows directly on another character. */
const HIDDEN_COMMENT = /^\s*=\s*[^'"`\s#][^\n]*?[^\s]#/;

/**
 * Reads the variables of a settings file, which has the format of `.env` files. Variables of other programs are left
 * out, so that several programs can share the file.
 *
 * Node's parser ignores lines that it does not understand, and cuts values without quotes at a `#`. Here, both are
 * errors, because otherwise a default would apply, or half of a secret, and nobody would notice.
 * @throws ConfigError
 */
export function readSettingsFile(path: string): NodeJS.Dict<string> {
  try {
    const text = readSmallFile(path).replace(/^\uFEFF/, '');
    const variables = parseEnv(text);
    checkLines(text, variables);
    return Object.fromEntries(Object.entries(variables).filter(([name]) => name.startsWith('MEDIAHOOKS_')));
  } catch (cause) {
    throw new ConfigError(`--settings: the file ${path} ${(cause as Error).message}`, { cause });
  }
}

function checkLines(text: string, variables: NodeJS.Dict<string>): void {
  const seen = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    const [, name, rest = ''] = OUR_LINE.exec(line) ?? [];
    if (name === undefined) continue;
    const place = `has a wrong line ${index + 1}:`;
    if (!(name in variables) || !/^\s*=/.test(rest)) throw new TypeError(`${place} expected ${name}=value`);
    if (seen.has(name)) throw new TypeError(`${place} ${name} is set a second time`);
    if (HIDDEN_COMMENT.test(rest))
      throw new TypeError(`${place} put the value of ${name}, which has a #, in quotes`);
    seen.add(name);
  }
}
