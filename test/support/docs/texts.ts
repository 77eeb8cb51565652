import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Functions that find the texts of the repository that people read: comments, strings in the code, and
 * documents.
 */

const root = new URL('../../../', import.meta.url).pathname;

/** One text that people read, with its place. */
export interface Text {
  readonly file: string;
  readonly line: number;
  readonly kind: 'comment' | 'string' | 'document';
  readonly text: string;
}

/** A comment or a string literal of TypeScript, with its offsets in the file. */
interface Token {
  readonly kind: 'block comment' | 'line comment' | 'string';
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Code after which a slash begins a regular expression. After other code, a slash divides. */
const BEFORE_REGEX = /(?:^|[(=,:[!&|?{};>+*%~^<-]|\b(?:return|typeof|case|in|of|void|await|yield))\s*$/;
const REGEX = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const QUOTED = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/y;
const LINE_COMMENT = /\/\/[^\n]*/y;
const BLOCK_COMMENT = /\/\*[\s\S]*?\*\//y;

function matchAt(pattern: RegExp, source: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? null;
}

/**
 * Reads TypeScript from the offset `at` to the brace that closes the code, or to the end of the file. Adds
 * the comments and strings to `tokens`. @returns the offset after the code
 */
function readCode(source: string, at: number, tokens: Token[]): number {
  let depth = 0;
  let position = at;
  while (position < source.length) {
    const char = source[position];
    if (char === '`') {
      position = readTemplate(source, position, tokens);
      continue;
    }
    const token = tokenAt(source, position, at);
    if (token) {
      if (token.kind !== 'regex') tokens.push({ ...token, kind: token.kind, start: position });
      position = token.end;
      continue;
    }
    if (char === '{') depth += 1;
    if (char === '}') depth -= 1;
    position += 1;
    if (depth < 0) return position;
  }
  return position;
}

/**
 * Returns the comment, quoted string or regular expression that begins at `position`. `null`: none of them
 * begins there.
 */
function tokenAt(source: string, position: number, codeStart: number) {
  const token = (kind: Token['kind'] | 'regex', pattern: RegExp, from: number, to: number) => {
    const found = matchAt(pattern, source, position);
    return found === null
      ? null
      : { kind, end: position + found.length, text: found.slice(from, found.length - to) };
  };
  const char = source[position];
  if (char === "'" || char === '"') return token('string', QUOTED, 1, 1);
  if (char !== '/') return null;
  const comment = token('line comment', LINE_COMMENT, 2, 0) ?? token('block comment', BLOCK_COMMENT, 2, 2);
  if (comment) return comment;
  const before = source.slice(Math.max(codeStart, position - 20), position);
  return BEFORE_REGEX.test(before) ? token('regex', REGEX, 0, 0) : null;
}

/**
 * Reads the template literal at the offset `at`. Its text has `…` in place of each expression. Strings within
 * the expressions are read, too. @returns the offset after the literal
 */
function readTemplate(source: string, at: number, tokens: Token[]): number {
  const own: Token[] = [];
  let text = '';
  let position = at + 1;
  while (position < source.length && source[position] !== '`') {
    if (source.startsWith('${', position)) {
      position = readCode(source, position + 2, own);
      text += '…';
      continue;
    }
    const length = source[position] === '\\' ? 2 : 1;
    text += source.slice(position, position + length);
    position += length;
  }
  tokens.push({ kind: 'string', start: at, end: position + 1, text }, ...own);
  return position + 1;
}

/** Returns the text of a block comment without the asterisk at the beginning of each line. */
function unframed(text: string): string {
  return text
    .replace(/^\*/, '')
    .replace(/\n\s*\*/g, '\n')
    .replace(/[ \t]*\n[ \t]*/g, ' ')
    .trim();
}

/** Joins line comments on consecutive lines into one token. */
function joined(tokens: readonly Token[], source: string): Token[] {
  const all: Token[] = [];
  for (const token of tokens) {
    const last = all.at(-1);
    const isNext = last && /^\n[ \t]*$/.test(source.slice(last.end, token.start));
    if (isNext && last.kind === 'line comment' && token.kind === 'line comment')
      all[all.length - 1] = { ...last, end: token.end, text: `${last.text.trim()} ${token.text.trim()}` };
    else all.push(token);
  }
  return all;
}

/** Beginnings of comments that are written for programs. */
const DIRECTIVE = /^(?:biome-ignore|@ts-|\/|https?:|!)/;
/** Pattern for a string with at least two words. Strings with one word are names. */
const SENTENCE = /\S \S/;

/** Returns the comments of a TypeScript file, and its strings of more than one word. */
export function textsOfSource(file: string, source: string): Text[] {
  const tokens: Token[] = [];
  readCode(source, 0, tokens);
  return joined(tokens, source).flatMap(({ kind, start, text }): Text[] => {
    const line = source.slice(0, start).split('\n').length;
    if (kind === 'string') return SENTENCE.test(text) ? [{ file, line, kind, text }] : [];
    const comment = kind === 'block comment' ? unframed(text) : text.trim();
    return DIRECTIVE.test(comment) ? [] : [{ file, line, kind: 'comment', text: comment }];
  });
}

/** Returns the comments of a shell script. Comments on consecutive lines are joined into one. */
export function textsOfScript(file: string, source: string): Text[] {
  const texts: Text[] = [];
  let end = 0;
  for (const [index, row] of source.split('\n').entries()) {
    const [, comment] = /^\s*#(?!!) ?(.*)$/.exec(row) ?? [];
    if (comment === undefined) continue;
    const last = texts.at(-1);
    if (last && end === index) texts[texts.length - 1] = { ...last, text: `${last.text} ${comment}`.trim() };
    else texts.push({ file, line: index + 1, kind: 'comment', text: comment });
    end = index + 1;
  }
  return texts;
}

/** Returns the lines of a Markdown document that are not code. */
export function textsOfDocument(file: string, source: string): Text[] {
  let isCode = false;
  return source.split('\n').flatMap((text, index): Text[] => {
    const isFence = text.trimStart().startsWith('```');
    if (isFence) isCode = !isCode;
    return isFence || isCode || text.trim() === '' ? [] : [{ file, line: index + 1, kind: 'document', text }];
  });
}

/**
 * Paths of the texts, with the function that reads them. Decisions and the changelog are left out, because
 * they are records and keep the words of their time.
 */
const READERS: readonly [patterns: readonly string[], read: (file: string, source: string) => Text[]][] = [
  [['{src,test,bench,demo}/**/*.ts', 'console/{build,src/!(api)}/**/*.{ts,tsx}'], textsOfSource],
  [['script/*', '.ci/*'], textsOfScript],
  [
    [
      'README.md',
      'CONTRIBUTING.md',
      'SECURITY.md',
      'console/README.md',
      'docs/*.md',
      'docs/!(decisions)/**/*.md',
    ],
    textsOfDocument,
  ],
];

/** Returns every text below `paths`, which are relative to the repository. Default: all texts. */
export function textsBelow(paths: readonly string[] = []): Text[] {
  const isNamed = (file: string) =>
    paths.length === 0 ||
    paths.some((path) => file === path || file.startsWith(`${path.replace(/\/$/, '')}/`));
  return READERS.flatMap(([patterns, read]) => {
    const files = new Set(globSync(patterns, { cwd: root }).filter(isNamed));
    return [...files].toSorted().flatMap((file) => read(file, readFileSync(join(root, file), 'utf8')));
  });
}
