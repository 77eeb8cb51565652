/** The parts of a route's schema that say which bodies the route accepts. */
export interface DescribedSchema {
  readonly body?: unknown;
  readonly form?: unknown;
  readonly consumes?: readonly string[];
}

/** Returns the content types of the bodies that a route accepts. `null`: the route needs no body. */
export function acceptedTypes(schema: DescribedSchema = {}): readonly string[] | null {
  if (schema.body === undefined && schema.form === undefined) return null;
  return schema.consumes ?? ['application/json'];
}
