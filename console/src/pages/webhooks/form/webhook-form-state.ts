import { formatDelays, parseDelays } from '../../../queries/retry-delays.ts';
import { EVENT_FIELDS, eventsOf, type NewWebhook, type Webhook } from '../../../queries/webhooks.ts';
import { EVENT_TYPES, type EventType } from '../../../texts/events.ts';
import { formTexts } from '../../../texts/webhook-form.ts';

export type NewWebhookBody = NewWebhook;
export type RetryKind = 'default' | 'exponential' | 'custom';

export interface HeaderRow {
  /** Number that tells rows apart while their names are edited. */
  readonly key: number;
  readonly name: string;
  readonly value: string;
  /** Whether the value is the stored one, which the service never shows. */
  readonly isKept: boolean;
}

/** The form as it stands, with texts where the webhook has numbers. */
export interface WebhookForm {
  readonly name: string;
  readonly url: string;
  readonly events: ReadonlySet<EventType>;
  readonly retries: RetryKind;
  readonly delays: string;
  readonly maxInFlight: string;
  readonly signature: Webhook['signature'];
  readonly headers: readonly HeaderRow[];
}

/** Text that keeps the stored value of a header. */
const MASK = '********';

export const NEW_FORM: WebhookForm = {
  name: '',
  url: '',
  events: new Set(EVENT_TYPES),
  retries: 'default',
  delays: '5, 1m, 15m, 2h',
  maxInFlight: '',
  signature: 'hmac',
  headers: [],
};

export function formOf(webhook: Webhook): WebhookForm {
  const { name, url, retry_schedule: schedule, max_in_flight: most, signature, headers } = webhook;
  const isCustom = Array.isArray(schedule);
  return {
    name,
    url,
    events: new Set(eventsOf(webhook)),
    retries: isCustom ? 'custom' : (schedule as RetryKind),
    delays: isCustom ? formatDelays(schedule) : NEW_FORM.delays,
    maxInFlight: most === null ? '' : String(most),
    signature,
    headers: Object.keys(headers).map((header, key) => ({ key, name: header, value: '', isKept: true })),
  };
}

/** Faults of the form, by the names of its fields. */
export type Faults = Partial<Record<'url' | 'events' | 'delays' | 'maxInFlight', string>>;

export function faultsOf(form: WebhookForm): Faults {
  const url = urlFault(form.url);
  return {
    ...(url && { url }),
    ...(form.events.size === 0 && { events: formTexts.eventsMissing }),
    ...(form.retries === 'custom' && !parseDelays(form.delays) && { delays: formTexts.delaysProblem }),
    ...(!isLimit(form.maxInFlight) && { maxInFlight: formTexts.maxInFlightProblem }),
  };
}

/** Returns what is wrong with a URL, as far as can be told without asking the service; `null`: nothing. */
export function urlFault(text: string): string | null {
  const problems = formTexts.urlProblems;
  const trimmed = text.trim();
  if (trimmed === '') return problems.missing;
  if (trimmed.length > 2048) return problems.long;
  const url = URL.parse(trimmed);
  if (!url) return problems.malformed;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return problems.scheme(url.protocol);
  if (url.username !== '' || url.password !== '') return problems.credentials;
  return null;
}

function isLimit(text: string): boolean {
  if (text.trim() === '') return true;
  const number = Number(text);
  return Number.isInteger(number) && number >= 1 && number <= 1000;
}

/** Returns the webhook that a form without faults describes. */
export function webhookOf(form: WebhookForm): NewWebhook {
  const flags = Object.fromEntries(EVENT_TYPES.map((type) => [EVENT_FIELDS[type], form.events.has(type)]));
  const named = form.headers.filter(({ name }) => name.trim() !== '');
  return {
    url: form.url.trim(),
    ...(form.name.trim() !== '' && { name: form.name.trim() }),
    ...flags,
    retry_schedule: form.retries === 'custom' ? (parseDelays(form.delays) ?? []) : form.retries,
    max_in_flight: form.maxInFlight.trim() === '' ? null : Number(form.maxInFlight),
    signature: form.signature,
    headers: Object.fromEntries(
      named.map(({ name, value, isKept }) => [name.trim(), isKept && value === '' ? MASK : value]),
    ),
  };
}
