import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzSeed } from '../seed.ts';
import { type Compared, compareReaders } from './compare.ts';
import type { Reading } from './readers.ts';

const ANSWERS = Number(process.env.FUZZ_ANSWERS ?? 2_000);

/**
 * Texts that only our client refuses: control characters, which RFC 9112 forbids everywhere in a head, and which undici and
 * Node accept in the reason; and other versions of HTTP, which they read as if they were HTTP/1.1.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are looked for
const REFUSED_BY_US = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|HTTP\/(?!1\.[01])/;
/**
 * Reasons for which undici and Node refuse an answer that our client reads: they know no spaces around the size of a
 * chunk and within its extension (RFC 9112 section 7.1.1), take the name of a trailer for that of a header, and
 * Node, and sometimes undici, refuse bytes after an answer. undici refuses `100 Continue`.
 */
const REFUSED_BY_OTHERS = [
  /Invalid character in chunk (size|extensions)/,
  /Invalid character in Content-Length/,
  /Content-Length can't be present with Transfer-Encoding/,
  /Content-Length can't be present twice/,
  /Empty Transfer-Encoding/,
  /Data after `Connection: close`/,
  /Expected HTTP\/|Expected space after version/,
  /body length does not match/,
  /bad response/,
];

/** Returns what is wrong with how our client read an answer. `null`: nothing is. */
function faultOf({ answer, own, undici, node }: Compared): string | null {
  const others = { undici, node };
  const accepting = Object.values(others).filter((reading) => !('refused' in reading));
  if ('refused' in own) {
    const mayRefuse =
      accepting.length < 2 || answer.end === 'reset' || REFUSED_BY_US.test(answer.pieces.join(''));
    return mayRefuse ? null : `our client alone refuses it: ${own.refused}`;
  }
  if (accepting.some((reading) => !isSame(reading, own))) return 'it is read differently';
  if (accepting.length > 0 || answer.end === 'reset') return null;
  const reasons = Object.values(others).map((reading) => ('refused' in reading ? reading.refused : ''));
  const areKnown = reasons.every((reason) => REFUSED_BY_OTHERS.some((known) => known.test(reason)));
  return areKnown ? null : `our client alone reads it; the others: ${reasons.join('; ')}`;
}

function isSame(one: Reading, other: Reading): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

test(`${ANSWERS} generated answers are read as undici and Node read them, or refused`, async (t) => {
  const seed = fuzzSeed();
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const faults: string[] = [];
  let whole = 0;
  await compareReaders(seed, ANSWERS, (compared) => {
    if (!('refused' in compared.own)) whole += 1;
    const fault = faultOf(compared);
    if (fault !== null) faults.push(`${fault}: ${JSON.stringify(compared)}`);
  });
  t.diagnostic(`${whole} are whole`);
  assert.deepEqual(faults.slice(0, 5), []);
  assert.ok(whole > ANSWERS / 4 && whole < (ANSWERS * 3) / 4, 'many are whole, and many are not');
});

test('a client that reads an answer differently is found', () => {
  const whole = { status: 200, body: 'hello' };
  const answer = { pieces: ['x'], end: 'close' } as const;
  assert.equal(faultOf({ answer, own: whole, undici: whole, node: whole }), null);
  const shorter = { status: 200, body: 'hell' };
  assert.match(faultOf({ answer, own: shorter, undici: whole, node: { refused: 'x' } }) ?? '', /differently/);
  assert.match(faultOf({ answer, own: { refused: 'x' }, undici: whole, node: whole }) ?? '', /alone refuses/);
  const refused = { refused: 'Missing expected LF' };
  assert.match(faultOf({ answer, own: whole, undici: refused, node: refused }) ?? '', /alone reads/);
});
