import type { ErrorDetail } from '../../domain/errors.ts';
import { suggestionFor } from './nearest-name.ts';

/** The parts of a JSON Schema that say which fields a value can have. */
export interface FieldSchema {
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
  readonly anyOf?: readonly FieldSchema[];
  readonly patternProperties?: unknown;
  readonly additionalProperties?: unknown;
}

/** Maximum number of warnings in one answer, because a body can have thousands of unknown fields. */
const MAX_WARNINGS = 20;
/** Maximum number of characters of an unknown name that an answer repeats. */
const MAX_SHOWN_NAME = 100;

/** The fields that a value can have. */
interface KnownFields {
  /** Fields of an object, by name. `null`: an object can have any fields. */
  readonly fields: ReadonlyMap<string, KnownFields | null> | null;
  /** Fields of each item of a list. `null`: items are not checked. */
  readonly items: KnownFields | null;
}

/** Returns a function that names the fields of a body that `schema` does not know. */
export function unknownFieldFinder(schema: FieldSchema): (body: unknown) => ErrorDetail[] {
  const known = knownFieldsOf(schema);
  if (known === null) return () => [];
  return (body) => {
    const found: ErrorDetail[] = [];
    search(body, known, null, found);
    return found;
  };
}

/** Returns the fields that a schema knows. `null`: no value has unknown fields. */
function knownFieldsOf(schema: FieldSchema): KnownFields | null {
  const choices = [schema, ...(schema.anyOf ?? [])];
  const items = choices.find((choice) => choice.items)?.items;
  const isOpen = choices.some((choice) => choice.patternProperties || choice.additionalProperties);
  const properties = choices.flatMap((choice) => Object.entries(choice.properties ?? {}));
  const fields =
    isOpen || properties.length === 0
      ? null
      : new Map(properties.map(([name, field]) => [name, knownFieldsOf(field)]));
  const ofItems = items ? knownFieldsOf(items) : null;
  return fields === null && ofItems === null ? null : { fields, items: ofItems };
}

/** Place of a value in a body. It becomes a text only for an unknown field, because a body can have many values. */
interface Place {
  readonly within: Place | null;
  /** Name of a field, or index of an item. */
  readonly key: string | number;
}

function search(
  value: unknown,
  { fields, items }: KnownFields,
  within: Place | null,
  found: ErrorDetail[],
): void {
  if (Array.isArray(value)) {
    if (items === null) return;
    for (let key = 0; key < value.length && found.length < MAX_WARNINGS; key += 1)
      search(value[key], items, { within, key }, found);
    return;
  }
  if (typeof value !== 'object' || value === null || fields === null) return;
  for (const name in value) {
    const known = fields.get(name);
    if (known === null) continue;
    if (found.length === MAX_WARNINGS) return;
    const place = { within, key: name };
    if (known === undefined) found.push(warningAbout(place, suggestionFor(name, fields.keys())));
    else search((value as Record<string, unknown>)[name], known, place, found);
  }
}

function warningAbout(place: Place, suggestion: string): ErrorDetail {
  return { field: pathOf(place), message: `is not known, and was ignored${suggestion}` };
}

/** Returns the path of a value in the form `qualities[0].resolution`. */
function pathOf({ within, key }: Place): string {
  const before = within === null ? '' : pathOf(within);
  if (typeof key === 'number') return `${before}[${key}]`;
  return before === '' ? shown(key) : `${before}.${shown(key)}`;
}

/** Returns the beginning of a name that is too long to repeat, and any other name unchanged. */
export function shown(name: string): string {
  return name.length > MAX_SHOWN_NAME ? `${name.slice(0, MAX_SHOWN_NAME).toWellFormed()}…` : name;
}
