import fc from 'fast-check';
import type { DescribedAnswer, Operation } from './described-api.ts';
import type { Draft, RawBody } from './draft.ts';
import { draftsOf } from './drafts.ts';
import { type Answer, Judge, type Verdict } from './judge.ts';
import { Sending, type Sent } from './sending.ts';
import { Tally } from './tally.ts';
import type { World } from './world.ts';

/** Shares of operations that take long (passwords are hashed, pictures decoded), compared with 1 for the others. */
const SHARES: Readonly<Record<string, number>> = {
  'post /api/accounts': 0.3,
  'patch /api/accounts/{id}': 0.3,
  'post /api/auth/login': 0.3,
  'post /api/console/session': 0.3,
  'post /api/console/session/password': 0.3,
  'post /api/auth/password': 0.3,
  'post /api/media/{id}/thumbnail': 0.3,
  'get /api/media/{id}/complete': 0.6,
};

/**
 * Requests in a round. Each operation sends all of its requests of a round in one turn, so that failures shrink;
 * between turns, missing objects are created.
 */
const REQUESTS_A_ROUND = 1_000;

export interface Fuzzing {
  readonly operations: readonly Operation[];
  readonly world: World;
  readonly serviceUrl: string;
  /** Minimum number of requests. */
  readonly requests: number;
  readonly seed: number;
  /** Changes answers before the judge sees them; tests plant faults that the judge must find. */
  readonly tamper?: (operation: Operation, answer: Answer) => Answer;
}

class BreachError extends Error {
  override readonly name = 'BreachError';
}

/** Sends requests to every operation, and judges every answer; the same seed sends the same drafts. */
export async function fuzz({
  operations,
  world,
  serviceUrl,
  requests,
  seed,
  tamper,
}: Fuzzing): Promise<Tally> {
  const tally = new Tally(operations.map(({ name }) => name));
  const judge = new Judge();
  const routes = new Routes(operations);
  const sending = new Sending(world, serviceUrl);
  const whole = operations.reduce((sum, { name }) => sum + (SHARES[name] ?? 1), 0);

  const attempt = async (draft: Draft) => {
    const sent = await sending.send(draft);
    const operation = routes.of(draft);
    const answer = tamper?.(operation, sent.answer) ?? sent.answer;
    tally.count(operation.name, answer.status);
    await world.note(draft, sent, sent.answer);
    const verdicts = judge.verdicts(operation, answer, draft.actor);
    if (verdicts.length > 0) throw new BreachError(describe(draft, sent, verdicts));
  };

  const rounds = Math.ceil(requests / REQUESTS_A_ROUND);
  for (let round = 0; round < rounds; round += 1) {
    await world.makeRoom();
    for (const [index, operation] of operations.entries()) {
      if (tally.isBroken(operation.name)) continue;
      await world.replenish();
      const numRuns = Math.ceil((requests * (SHARES[operation.name] ?? 1)) / whole / rounds);
      const parameters = { numRuns, seed: seed + round * operations.length + index };
      const details = await fc.check(fc.asyncProperty(draftsOf(operation), attempt), parameters);
      if (details.failed) tally.breach(operation.name, failureOf(details));
    }
  }
  await sending.close();
  return tally;
}

/** A breach names its request. If no answer came, the draft is named. */
function failureOf({ errorInstance, counterexample }: fc.RunDetails<[Draft]>): string {
  if (errorInstance instanceof BreachError) return errorInstance.message;
  return `${errorInstance}\n    to ${shortened(fc.stringify(counterexample))}`;
}

/** Returns the faults of an answer, with the request that shows them. */
function describe(draft: Draft, { url, body }: Sent, verdicts: readonly Verdict[]): string {
  const lines = verdicts.map(({ breach, detail }) => `${breach}: ${shortened(detail)}`);
  const sent = draft.body?.kind === 'raw' ? shownRaw(draft.body) : body;
  const request = `${draft.method} ${url} as ${draft.actor}`;
  return `${lines.join('; ')}\n    to ${request} with ${shortened(fc.stringify([draft.headers, sent]))}`;
}

function shownRaw({ bytes, ...rest }: RawBody) {
  return { ...rest, length: bytes.length, beginning: bytes.subarray(0, 300).toString('latin1') };
}

function shortened(text: string): string {
  return text.length > 1_500 ? `${text.slice(0, 1_500)}…` : text;
}

/**
 * Returns the operation that a request is for: with another method than its draft's it may be another operation, or
 * none.
 */
class Routes {
  readonly #operations: ReadonlyMap<string, Operation>;

  constructor(operations: readonly Operation[]) {
    this.#operations = new Map(
      operations.map((operation) => [`${operation.method} ${operation.path}`, operation]),
    );
  }

  of({ method, template }: Draft): Operation {
    const operation = this.#matching(method, template);
    if (operation) return operation;
    const get = method === 'HEAD' ? this.#matching('GET', template) : undefined;
    const answers = {
      ...this.#unrouted(),
      ...get?.answers,
      ...(template.startsWith('/assets') && PREFLIGHT),
    };
    const name = get ? 'any HEAD' : 'no operation';
    const needsCredentials = get?.needsCredentials ?? false;
    return { name, method, path: template, parameters: [], bodies: {}, answers, needsCredentials };
  }

  /** With another method, `/api/media/create` is the path of a media whose id is `create`. */
  #matching(method: string, template: string): Operation | undefined {
    const same = this.#operations.get(`${method} ${template}`);
    if (same) return same;
    return this.#operations
      .values()
      .find((one) => one.method === method && this.#pattern(one.path).test(template));
  }

  #pattern(path: string): RegExp {
    return new RegExp(`^${path.replaceAll('{file}', '.*').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
  }

  /** The answer if there is no route. No description contains it, but it has the same form. */
  #unrouted(): Operation['answers'] {
    const { answers } = this.#operations.get('PUT /api/webhooks/{id}') as Operation;
    const unrouted = [400, 403, 404, 413, 415].map((status) => [status, answers[status] ?? {}]);
    return { ...Object.fromEntries(unrouted), 405: wrongMethod(answers[404] ?? {}) };
  }
}

/** Returns the answer to a wrong method, which has the form of every error. */
function wrongMethod(error: DescribedAnswer): DescribedAnswer {
  const schema = { type: 'object', properties: { code: { const: 'method_not_allowed' } } };
  const allow = { required: true, schema: { type: 'string', pattern: '^[A-Z]+(, [A-Z]+)*$' } };
  return { ...error, headers: { ...error.headers, allow }, content: { 'application/json': { schema } } };
}

/** Pages of other origins may ask for files. */
const PREFLIGHT: Operation['answers'] = { 204: {} };
