import { seededRandom } from '../../../src/platform/testing/seeded-random.ts';
import { type Text, textsBelow } from './texts.ts';

/** Checks texts against the rules of CONTRIBUTING.md ("English") that a program can check. */

export interface Breach extends Text {
  /** The rule that the text breaks, with the words that break it. */
  readonly rule: string;
}

/** First words of a comment that has no subject, or that points back to another comment. */
const HEADLESS =
  /^(?:What|Whose|Whoever|Whatever|Whichever|Who|Whom|How|Of|As|And|But|Or|Nor|Those|These|Them|Its|It|They|He|She|So|Such|Else|The former|The latter|The others?|The rest|Likewise|Ditto)\b/;
/** First words that are wrong only without a noun after them: "One that", but not "One webhook". */
const WITHOUT_NOUN =
  /^(?:One|All|Each|The same)(?=[.,:;]| (?:that|which|who|whose|of (?!the)|for|with|by|in|to|and|as|but|is|are|has|have|where|when)\b)/;

/**
 * Words that the project does not use, with the words to write instead. Each pattern matches whole words, in
 * upper and lower case.
 */
const IDIOMS: readonly (readonly [pattern: string, instead: string])[] = [
  ['under way', 'in flight, in progress, running'],
  ['at the most', 'at most'],
  ['at the least', 'at least'],
  ['for want of', 'because … is missing'],
  ['heeds?|heeded', 'follows, respects'],
  ['anew', 'again'],
  ['who(?:ever|soever|mever|sever)', 'name the subject'],
  ['thereof|therein|wherein|whereof|lest|hence|thus|hereby', 'plain words'],
  ['pass(?:es|ed)? over|passing over|step(?:s|ped)? over|stepping over', 'skip'],
  ['come(?:s)? again|come back later', 'retry'],
  ['so many|so much|so long', 'say the number, or "this many"'],
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
  ['to be had|can be had', 'available'],
  ['on record', 'recorded'],
  ['but for (?:one|the|its|what|that)', 'except'],
  ['what there is', 'name the subject'],
];

const idiomPattern = new RegExp(
  `(?<![\\w-])(?:${IDIOMS.map(([pattern]) => `(${pattern})`).join('|')})(?![\\w-])`,
  'gi',
);

/** Words that refer to another comment. */
const ORPHAN =
  /\b(?:see above|as above|see below|as below|the one above|the comment (?:above|before)|the former|the latter)\b/i;

/** Returns a text without code, and without the words that a document quotes in italics. */
function withoutQuotations({ kind, text }: Text): string {
  const plain = text.replace(/`[^`]*`/g, '`');
  return kind === 'document' ? plain.replace(/(?<![*\w])\*[^*\s][^*]*\*/g, '*') : plain;
}

/** Returns the breaches of all rules in a text. */
export function breachesOf(text: Text): Breach[] {
  const found: string[] = [];
  if (text.kind === 'comment') {
    const headless = HEADLESS.exec(text.text) ?? WITHOUT_NOUN.exec(text.text);
    if (headless) found.push(`opens with "${headless[0]}": begin with a verb or a noun`);
    const orphan = ORPHAN.exec(text.text);
    if (orphan) found.push(`"${orphan[0]}" points elsewhere: each comment stands alone`);
  }
  for (const match of withoutQuotations(text).matchAll(idiomPattern)) {
    const instead = IDIOMS[match.slice(1).findIndex((group) => group !== undefined)]?.[1];
    found.push(`"${match[0]}": write ${instead}`);
  }
  return found.map((rule) => ({ ...text, rule }));
}

/** Returns `count` comments of `src` without its tests, drawn at random with `seed`. */
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

/**
 * `node test/support/docs/prose.ts [path…]` lists the breaches. `--sample COUNT SEED` lists comments drawn at
 * random.
 */
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
