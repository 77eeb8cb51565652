import type { Schema } from '../description.ts';
import { type Html, html, NOTHING } from './html.ts';
import { inline } from './markdown.ts';

/**
 * Direction in which a value is sent. In requests, required fields are marked; in answers, optional
 * fields are marked.
 */
export type Direction = 'request' | 'answer';

/**
 * Renders the fields of a schema as a list. Each field has its type, minimum, maximum and description. The
 * fields of an object in a field are indented below it.
 */
export function schemaFields(schema: Schema, direction: Direction): Html {
  const { properties, required = [] } = objectIn(schema);
  if (!properties) return html`<p class="type">${typeOf(schema)}</p>`;
  const fields = Object.entries(properties).map(
    ([name, field]) => html`<li>
<code class="name">${name}</code> <span class="type">${typeOf(field)}</span>${presence(required.includes(name), direction)}
${describe(field)}
${objectIn(field).properties ? schemaFields(field, direction) : NOTHING}
</li>`,
  );
  const choice = schema.anyOf && html`<p class="type">${typeOf(schema)}, with</p>`;
  return html`${choice}<ul class="fields">${fields}</ul>`;
}

function presence(isRequired: boolean, direction: Direction): Html {
  if (direction === 'request' && isRequired) return html` <span class="required">required</span>`;
  return direction === 'answer' && !isRequired ? html` <span class="type">may be absent</span>` : NOTHING;
}

function describe(schema: Schema): Html {
  const description = descriptionOf(schema);
  return description === undefined ? NOTHING : html`<div>${inline(description)}</div>`;
}

/**
 * Returns the description of a value. If the value has none, returns the description of the first alternative
 * that has one (such as the type besides `null`), or else the description of the list's items.
 */
function descriptionOf({ description, anyOf = [], items }: Schema): string | undefined {
  return description ?? anyOf.find((one) => one.description)?.description ?? items?.description;
}

/**
 * Returns the schema of the object whose fields are shown: `schema` itself, the items of a list, or the first
 * object among alternatives. Returns an empty schema if there is no object.
 */
function objectIn(schema: Schema): Schema {
  if (schema.properties) return schema;
  if (schema.items) return objectIn(schema.items);
  return schema.anyOf?.map(objectIn).find(({ properties }) => properties) ?? {};
}

/** Returns the type of a schema in words, with its minimum and maximum. */
export function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum)
    return choiceOf(schema.enum.filter((value) => value !== '').map((value) => JSON.stringify(value)));
  if (schema.anyOf) return choiceOf([...new Set(schema.anyOf.map(typeOf))]);
  if (schema.type === 'array') return `list of ${within(typeOf(schema.items ?? {}))}${boundsOf(schema)}`;
  if (schema.additionalProperties?.type)
    return `object, each value ${within(typeOf(schema.additionalProperties))}`;
  if (schema.type === 'string' && schema.format) return FORMATS[schema.format] ?? schema.format;
  return `${schema.type ?? 'anything'}${boundsOf(schema)}`;
}

const FORMATS: Readonly<Record<string, string>> = { 'date-time': 'time', uuid: 'UUID', binary: 'file' };

/** Returns a type in words for use inside another type. Its minimum and maximum are in parentheses. */
function within(type: string): string {
  return type.replace(/, (.*)$/, ' ($1)');
}

function choiceOf(choices: readonly string[]): string {
  return choices.join(' | ');
}

function boundsOf(schema: Schema): string {
  const { minLength, maxLength, minimum, maximum, minItems, maxItems } = schema;
  const unit = schema.type === 'string' ? ' characters' : schema.type === 'array' ? ' entries' : '';
  const least = minLength ?? minItems ?? minimum;
  const most = maxLength ?? maxItems ?? maximum;
  if (least !== undefined && most !== undefined) return `, ${number(least)} to ${number(most)}${unit}`;
  if (most !== undefined) return `, up to ${number(most)}${unit}`;
  return least === undefined ? '' : `, at least ${number(least)}${unit}`;
}

/**
 * Writes a number with commas between its thousands. `toLocaleString` would do the same, but its first call loads
 * ICU's data for 50 ms.
 */
function number(value: number): string {
  const [whole = '', ...fraction] = String(value).split('.');
  return [whole.replaceAll(/\B(?=(\d{3})+$)/g, ','), ...fraction].join('.');
}
