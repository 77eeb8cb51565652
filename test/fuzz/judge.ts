import AjvCompiler from '@fastify/ajv-compiler';
import type { DescribedAnswer, DescribedHeader, Operation, Schema } from './described-api.ts';
import type { Actor } from './draft.ts';

export interface Answer {
  readonly status: number;
  /** Headers, with names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** One deviation of an answer from its description. */
export type Breach =
  | 'server error'
  | 'answered without credentials'
  | 'undocumented status'
  | 'undocumented content type'
  | 'unexpected body'
  | 'broken schema'
  | 'missing header'
  | 'broken header';

export interface Verdict {
  readonly breach: Breach;
  readonly detail: string;
}

type Validate = ((value: unknown) => boolean) & { errors?: { instancePath: string; message?: string }[] };

type Compile = (route: { schema: unknown }) => Validate;

/** Callers whose credentials are never valid. */
const UNKNOWN: ReadonlySet<Actor> = new Set(['nobody', 'stranger', 'forger']);

/** Compares answers with their descriptions. Every server error is a breach, described or not. */
export class Judge {
  readonly #compile: Compile;
  readonly #compiled = new Map<Schema, Validate>();

  constructor() {
    const options = { strict: false, allErrors: false, coerceTypes: false, removeAdditional: false };
    const compiler = AjvCompiler()({}, { customOptions: { ...options, useDefaults: false } });
    this.#compile = compiler as unknown as Compile;
  }

  /** Returns every fault of an answer; empty if it has none. */
  verdicts({ method, answers, needsCredentials }: Operation, answer: Answer, actor: Actor): Verdict[] {
    const verdicts: Verdict[] = [];
    if (needsCredentials && UNKNOWN.has(actor) && answer.status < 400)
      verdicts.push({ breach: 'answered without credentials', detail: `${answer.status} to ${actor}` });
    if (answer.status >= 500)
      verdicts.push({ breach: 'server error', detail: `${answer.status} ${answer.body}` });
    const described = answers[answer.status];
    if (!described) {
      verdicts.push({ breach: 'undocumented status', detail: `${answer.status} ${answer.body}` });
      return verdicts;
    }
    verdicts.push(...this.#headerVerdicts(described, answer));
    // The answer to a HEAD is that to a GET without the body.
    if (method !== 'HEAD') verdicts.push(...this.#bodyVerdicts(described, answer));
    return verdicts;
  }

  #headerVerdicts({ headers = {} }: DescribedAnswer, answer: Answer): Verdict[] {
    return Object.entries(headers).flatMap(([name, header]): Verdict[] => {
      const value = answer.headers[name.toLowerCase()];
      if (value === undefined)
        return header.required ? [{ breach: 'missing header', detail: `${answer.status} ${name}` }] : [];
      return [value].flat().flatMap((one) => {
        const fault = this.#fault(header.schema, typed(one, header));
        return fault === null
          ? []
          : [{ breach: 'broken header' as const, detail: `${name}: ${one}: ${fault}` }];
      });
    });
  }

  #bodyVerdicts({ content }: DescribedAnswer, { status, headers, body }: Answer): Verdict[] {
    if (!content) {
      return body.length === 0 ? [] : [{ breach: 'unexpected body', detail: `${status} ${body}` }];
    }
    const type = String(headers['content-type']);
    const described = content[type];
    if (!described) return [{ breach: 'undocumented content type', detail: `${status} ${type}` }];
    if (!described.schema) return [];
    const value = type === 'application/json' ? parsed(body) : body.toString();
    const fault = this.#fault(described.schema, value);
    return fault === null ? [] : [{ breach: 'broken schema', detail: `${status} ${fault}: ${body}` }];
  }

  #fault(schema: Schema, value: unknown): string | null {
    let validate = this.#compiled.get(schema);
    if (!validate) {
      validate = this.#compile({ schema });
      this.#compiled.set(schema, validate);
    }
    if (validate(value)) return null;
    return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`).join('; ');
  }
}

/** Headers are text, so a value that is described as a number is parsed. */
function typed(value: string, { schema }: DescribedHeader): unknown {
  return schema.type === 'integer' && /^-?\d+$/.test(value) ? Number(value) : value;
}

/** A body that is not JSON matches no schema. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
