import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { ErrorDetail } from '../../../domain/errors.ts';

/** A list whose items are made part by part. */
export interface PartedList {
  /** Name of the field that has the items. */
  readonly name: string;
  readonly first: readonly unknown[];
  /** Yields the further items. */
  readonly rest: AsyncIterable<readonly unknown[]>;
  readonly total: number;
}

/**
 * Answers with a list that is too large to be made at once. Each part is read and made into JSON when the
 * client has received the parts before it. So the answer needs the memory of two parts, however slowly the
 * client reads, and never holds up the event loop for longer than one part.
 */
export function sendParts(reply: FastifyReply, list: PartedList): FastifyReply {
  const stream = Readable.from(jsonOf(list, reply.request.warnings ?? []), { highWaterMark: 1 });
  return reply.type('application/json').send(stream);
}

async function* jsonOf(
  { name, first, rest, total }: PartedList,
  warnings: readonly ErrorDetail[],
): AsyncGenerator<string> {
  yield `{"status":"success","data":{${JSON.stringify(name)}:[${first.map(json).join()}`;
  for await (const part of rest) if (part.length > 0) yield `,${part.map(json).join()}`;
  const end = warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(warnings)}`;
  yield `],"total":${total}}${end}}`;
}

function json(item: unknown): string {
  return JSON.stringify(item);
}
