import { EVENT_TYPES, MEDIA_TYPES_OF_EVENTS } from '../../domain/event.ts';
import type { PublishedEvent } from '../../events/accept-events.ts';
import { refusalBeforeParsing, withoutLoneSurrogates } from '../hooks/bodies/json-bodies.ts';
import {
  EVENT_FIELDS,
  MAX_EVENTS,
  MAX_ID_CHARACTERS,
  MAX_QUALITIES_CHARACTERS,
  MAX_TITLE_CHARACTERS,
} from '../wire/event.ts';

/** Events of a body. */
export interface OrdinaryEvents {
  readonly events: readonly PublishedEvent[];
  /** Whether the body is a list. */
  readonly isList: boolean;
}

const TYPES: ReadonlySet<unknown> = new Set(EVENT_TYPES);
const MEDIA_TYPES: ReadonlySet<unknown> = new Set(MEDIA_TYPES_OF_EVENTS);
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** A time in UTC, as `Date.toISOString` writes it, with or without milliseconds. */
const UTC_TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?Z$/;

/**
 * Returns the events of a body, if the schema `EventsInput` accepts the body and knows all of its fields; `null`: it
 * might not, and the schema must be asked. Costs a fifth of what the schema and the search for unknown fields cost.
 */
export function ordinaryEventsIn(json: string): OrdinaryEvents | null {
  const body = parsed(json);
  if (!Array.isArray(body)) return isOrdinaryEvent(body) ? { events: [body], isList: false } : null;
  // A thousand events of known texts can't have too many values.
  const isOrdinary = body.length > 0 && body.length <= MAX_EVENTS && body.every(isOrdinaryEvent);
  return isOrdinary ? { events: body, isList: true } : null;
}

/** Returns a parsed text; `undefined`: it is not JSON, or parsing it would cost too much. */
function parsed(json: string): unknown {
  if (refusalBeforeParsing(json)) return undefined;
  try {
    return JSON.parse(withoutLoneSurrogates(json));
  } catch {
    return undefined;
  }
}

/** Names that could change the prototype of an object are unknown fields, too. */
export function isOrdinaryEvent(value: unknown): value is PublishedEvent {
  if (typeof value !== 'object' || value === null) return false;
  for (const name in value) if (!EVENT_FIELDS.has(name)) return false;
  const event = value as { readonly [name in keyof PublishedEvent]: unknown };
  return (
    TYPES.has(event.type) &&
    isId(event.event_id) &&
    isId(event.media_id) &&
    typeof event.user_id === 'string' &&
    UUID.test(event.user_id) &&
    (event.media_type === undefined || MEDIA_TYPES.has(event.media_type)) &&
    isShort(event.qualities, MAX_QUALITIES_CHARACTERS) &&
    isShort(event.title, MAX_TITLE_CHARACTERS) &&
    (event.status === undefined || typeof event.status === 'string') &&
    (event.emitted_at === undefined || isUtcTime(event.emitted_at))
  );
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_ID_CHARACTERS;
}

/** A text has at least as many UTF-16 units as characters, which the schema counts. */
function isShort(value: unknown, maxCharacters: number): boolean {
  return value === undefined || (typeof value === 'string' && value.length <= maxCharacters);
}

/** Days that a month does not have are not ordinary: `Date` would move them to the next month. */
function isUtcTime(value: unknown): boolean {
  if (typeof value !== 'string' || !UTC_TIME.test(value)) return false;
  const at = Date.parse(value);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value.slice(0, 19));
}
