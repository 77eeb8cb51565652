import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../../src/platform/testing/seeded-random.ts';

/** The rules of CONTRIBUTING.md ("English") that a program can check, and where the texts they apply to are. */

const root = new URL('../../../', import.meta.url).pathname;

/** One text that people read. */
export interface Text {
  readonly file: string;
  readonly line: number;
  readonly kind: 'comment' | 'string' | 'document';
  readonly text: string;
}

export interface Breach extends Text {
  readonly rule: string;
}

/** A comment that begins so has no subject, or points back to another comment. */
const HEADLESS =
  /^(?:What|Whose|Whoever|Whatever|Whichever|Who|Whom|How|Of|As|And|But|Or|Nor|Those|These|Them|All|One|Its|It|They|He|She|So|Such|Else|The same|The former|The latter|The others?|The rest|Likewise|Ditto)\b(?! (?:or more|of the|webhook|account|event|media|file|request|process|thread|line|row|delivery|attempt)\b)/;

/** Words for which the field has one of its own, with that word. Each is matched as a whole word, whatever its case. */
const IDIOMS: readonly (readonly [pattern: string, instead: string])[] = [
  ['under way', 'in flight, in progress, running'],
  ['at the most', 'at most'],
  ['at the least', 'at least'],
  ['for want of', 'because … is missing'],
  ['heeds?|heeded', 'follows, respects'],
  ['anew', 'again'],
  ['whosever|whomever', 'name the subject'],
  ['thereof|therein|wherein|whereof|lest|hence|thus|hereby', 'plain words'],
  ['pass(?:es|ed)? over|passing over|step(?:s|ped)? over|stepping over', 'skip'],
  ['come again|come back later', 'retry'],
  ['so many|so much', 'say the number, or "this many"'],
  ['is no (?:more|longer) (?:than|so)', 'say it positively'],
  ['(?:is|are|was|were) none', 'there is no …'],
  ['goes? on with|goes? on from|went on with', 'continue, resume'],
  ['gives? back|gave back|given back|giving back', 'release, return'],
  ['takes? back|took back', 'undo, revert'],
  ['by turns', 'in turn, round robin'],
  ['(?:is|are|be|been|was|were) told of', 'is notified of'],
  ['look(?:s|ed|ing)? after', 'handle'],
  ['wants? of|wanting', 'lack, need'],
  ['for ever', 'forever'],
  ['nobody else', 'no other …'],
  ['makes? up for', 'compensates'],
  ['heretofore|hitherto|henceforth', 'plain words'],
  ['what is old', 'old data'],
  ['doubtful', 'suspect'],
];

const idiomPattern = new RegExp(
  `(?<![\\w-])(?:${IDIOMS.map(([pattern]) => `(${pattern})`).join('|')})(?![\\w-])`,
  'gi',
);

/** A reference to a comment that is not this one. */
const ORPHAN =
  /\b(?:see above|as above|see below|as below|the one above|the comment (?:above|before)|the former|the latter)\b/i;

/** Comments, string literals and regular expressions of TypeScript; the last so that their quotes are not taken for strings. */
const TOKENS =
  /(?<comment>\/\*[\s\S]*?\*\/|\/\/[^\n]*)|(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|(?<=[(=,:[!&|?{};>]\s*|return\s)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;

/** Returns the breaches of all rules in `text`, which names the rule and, for an idiom, what to write instead. */
export function breachesOf(text: Text): Breach[] {
  const found: string[] = [];
  if (text.kind === 'comment') {
    const headless = HEADLESS.exec(text.text);
    if (headless) found.push(`opens with "${headless[0]}": begin with a verb or a noun`);
    const orphan = ORPHAN.exec(text.text);
    if (orphan) found.push(`"${orphan[0]}" points elsewhere: each comment stands alone`);
  }
  for (const match of text.text.matchAll(idiomPattern)) {
    const instead = IDIOMS[match.slice(1).findIndex((group) => group !== undefined)]?.[1];
    found.push(`"${match[0]}": write ${instead}`);
  }
  return found.map((rule) => ({ ...text, rule }));
}

/** Returns the comments and string literals of a TypeScript file, comments that stand line below line as one. */
export function textsOfSource(file: string, source: string): Text[] {
  const texts: Text[] = [];
  let lineComment: { text: Text; end: number } | null = null;
  for (const match of source.matchAll(TOKENS)) {
    const { comment, string } = match.groups ?? {};
    const line = source.slice(0, match.index).split('\n').length;
    if (comment?.startsWith('//')) {
      const text = comment.slice(2).trim();
      const joins = lineComment && /^\n[ \t]*$/.test(source.slice(lineComment.end, match.index));
      if (lineComment && joins) {
        const joined: Text = { ...lineComment.text, text: `${lineComment.text.text} ${text}` };
        texts[texts.length - 1] = joined;
        lineComment = { text: joined, end: match.index + comment.length };
        continue;
      }
      const first: Text = { file, line, kind: 'comment', text };
      texts.push(first);
      lineComment = { text: first, end: match.index + comment.length };
      continue;
    }
    lineComment = null;
    if (comment) {
      const text = comment
        .slice(2, -2)
        .replace(/^\*/, '')
        .replace(/\n\s*\*/g, '\n')
        .replace(/[ \t]*\n[ \t]*/g, ' ')
        .trim();
      texts.push({ file, line, kind: 'comment', text });
    } else if (string && /\S \S/.test(string))
      texts.push({ file, line, kind: 'string', text: string.slice(1, -1) });
  }
  return texts.filter(({ text }) => !/^(?:biome-ignore|@ts-|\/|https?:)/.test(text));
}

/** Returns the lines of a Markdown document that are not code. */
function textsOfDocument(file: string, source: string): Text[] {
  let isCode = false;
  return source.split('\n').flatMap((text, index): Text[] => {
    if (text.startsWith('```')) isCode = !isCode;
    return isCode || text === '' ? [] : [{ file, line: index + 1, kind: 'document', text }];
  });
}

const SOURCES = ['src', 'test', 'bench', 'demo'];
/** Decisions and the changelog's released versions are records: they keep the words of their day. */
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/*.md', 'docs/!(decisions)/**/*.md'];

/** Returns every text below `paths`, which are relative to the repository; all that there are when none is named. */
export function textsBelow(paths: readonly string[] = []): Text[] {
  const isNamed = (file: string) =>
    paths.length === 0 ||
    paths.some((path) => file === path || file.startsWith(`${path.replace(/\/$/, '')}/`));
  const sources = globSync(
    SOURCES.map((folder) => `${folder}/**/*.ts`),
    { cwd: root },
  ).filter(isNamed);
  const documents = globSync(DOCUMENTS, { cwd: root }).filter(isNamed);
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  return [
    ...sources.toSorted().flatMap((file) => textsOfSource(file, read(file))),
    ...[...new Set(documents)].toSorted().flatMap((file) => textsOfDocument(file, read(file))),
  ];
}

/** Returns `count` comments of `src`, tests left out, drawn with `seed`. */
export function sampleComments(count: number, seed: number): Text[] {
  const comments = textsBelow(['src']).filter(
    ({ kind, file }) => kind === 'comment' && !/\.test\.ts$|\/testing\//.test(file),
  );
  const random = seededRandom(seed);
  return Array.from(
    { length: Math.min(count, comments.length) },
    () => comments.splice(Math.floor(random() * comments.length), 1)[0] as Text,
  );
}

/** `node test/support/docs/prose.ts [path…]` lists the breaches; with `--sample COUNT SEED` it draws comments. */
if (import.meta.main) {
  const [first, ...rest] = process.argv.slice(2);
  const lines =
    first === '--sample'
      ? sampleComments(Number(rest[0] ?? 60), Number(rest[1] ?? 1)).map(
          ({ file, line, text }) => `${file}:${line}\n    ${text}`,
        )
      : textsBelow(process.argv.slice(2))
          .flatMap(breachesOf)
          .map(({ file, line, rule, text }) => `${file}:${line} ${rule}\n    ${text.slice(0, 160)}`);
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
