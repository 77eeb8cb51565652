/** The API's description (OpenAPI 3.1), as far as the fuzzing reads it. */

export type Schema = Readonly<Record<string, unknown>>;

export interface DescribedHeader {
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface DescribedAnswer {
  readonly headers?: Readonly<Record<string, DescribedHeader>>;
  /** Schemas of the body by content type; left out if the answer has no body. */
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Operation {
  /** Name of the operation, such as `post /api/webhooks/{id}/pause`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Schemas of the body, by content type. */
  readonly bodies: Readonly<Record<string, Schema>>;
  /** Described answers, by status. */
  readonly answers: Readonly<Record<string, DescribedAnswer>>;
  /** Whether the operation requires a credential. */
  readonly needsCredentials: boolean;
}

type Security = readonly Readonly<Record<string, readonly string[]>>[];

interface RawOperation {
  readonly security?: Security;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<Record<string, DescribedAnswer>>;
}

interface Document {
  readonly security?: Security;
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
}

/** Returns the operations of `document`, with every reference resolved. */
export function resolvedOperationsIn(document: object): Operation[] {
  const { paths, security: ofAll = [] } = withoutReferences(document, document) as Document;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => ({
      name: `${method} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters: raw.parameters ?? [],
      bodies: bodiesOf(raw),
      answers: raw.responses,
      needsCredentials: needsCredentials(raw.security ?? ofAll),
    })),
  );
}

function needsCredentials(security: Security): boolean {
  return security.length > 0 && security.every((way) => Object.keys(way).length > 0);
}

function bodiesOf({ requestBody }: RawOperation): Record<string, Schema> {
  const content = Object.entries(requestBody?.content ?? {});
  return Object.fromEntries(content.map(([type, { schema = {} }]) => [type, schema]));
}

/** Returns a copy with every reference resolved. A schema that refers to itself would never end. */
function withoutReferences(node: unknown, document: object): unknown {
  if (Array.isArray(node)) return node.map((item) => withoutReferences(item, document));
  if (typeof node !== 'object' || node === null) return node;
  const { $ref } = node as { $ref?: unknown };
  if (typeof $ref === 'string') return withoutReferences(referredTo($ref, document), document);
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, withoutReferences(value, document)]),
  );
}

function referredTo(reference: string, document: object): unknown {
  let node: unknown = document;
  for (const key of reference.split('/').slice(1)) {
    node = (node as Record<string, unknown>)[key.replaceAll('~1', '/').replaceAll('~0', '~')];
    if (node === undefined) throw new Error(`the description has no ${reference}`);
  }
  return node;
}
