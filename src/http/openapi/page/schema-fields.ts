import type { Schema } from '../description.ts';
import { type Html, html, NOTHING } from './html.ts';
import { inline } from './markdown.ts';

/** Requests have their required fields marked, answers their optional fields. */
export type Direction = 'request' | 'answer';

/** Renders the fields of a schema, each with its type, bounds and description. Nested fields are indented. */
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

/** Returns the description of a value. If the value may be `null`, its other type has the description. */
function descriptionOf({ description, anyOf = [], items }: Schema): string | undefined {
  return description ?? anyOf.find((one) => one.description)?.description ?? items?.description;
}

/** Returns the object whose fields are shown: the schema itself, the items of a list, or the first object among alternatives. */
function objectIn(schema: Schema): Schema {
  if (schema.properties) return schema;
  if (schema.items) return objectIn(schema.items);
  return schema.anyOf?.map(objectIn).find(({ properties }) => properties) ?? {};
}

/** Returns a type in words, with the bounds of its values. */
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

/** Returns a type as part of another type, with its bounds in parentheses. */
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

function number(value: number): string {
  return value.toLocaleString('en-US');
}
