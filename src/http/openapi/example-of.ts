import type { Schema } from './description.ts';

/**
 * Returns an example of a schema: the first example that the schema has, or one that is composed of the
 * examples of its parts; `undefined` if a required part has no example. Every integer is 1, because many integers are
 * the length of a list, and lists in examples have one entry.
 */
export function exampleOf(schema: Schema): unknown {
  if (schema.examples) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.type === 'null') return null;
  if (schema.type === 'integer') return 1;
  if (schema.anyOf) return schema.anyOf.map(exampleOf).find((example) => example !== undefined);
  if (schema.type === 'array' && schema.items) return listOf(exampleOf(schema.items));
  return schema.properties && objectOf(schema.properties, schema.required);
}

function listOf(item: unknown): unknown {
  return item === undefined ? undefined : [item];
}

function objectOf(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): unknown {
  const entries = Object.entries(properties)
    .map(([name, schema]): [string, unknown] => [name, exampleOf(schema)])
    .filter(([name, example]) => example !== undefined || required.includes(name));
  return entries.some(([, example]) => example === undefined) ? undefined : Object.fromEntries(entries);
}
