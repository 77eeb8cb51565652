import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Button } from '../../../components/controls/button.tsx';
import { SelectField, TextField } from '../../../components/controls/field.tsx';
import { type DeliveryFilters, deliveryQuery } from '../../../queries/deliveries.ts';
import { webhookQuery, webhooksQuery } from '../../../queries/webhooks.ts';
import { deliveryTexts } from '../../../texts/deliveries.ts';
import { EVENT_TYPES, eventName } from '../../../texts/events.ts';
import styles from './filter-bar.module.css';

const texts = deliveryTexts.filters;
/** Number of webhooks that the list of choices names. Others are chosen on their own pages. */
const CHOICES = 100;

type Choices = readonly (readonly [value: string, label: string])[];

const STATES = Object.entries(deliveryTexts.states);
const EVENTS = EVENT_TYPES.map((type) => [type, eventName(type)] as const);

/** Filters of the list, which are kept in the address. */
export function DeliveryFilterBar({ filters }: { readonly filters: DeliveryFilters }) {
  const navigate = useNavigate();
  const webhooks = useWebhookChoices(filters.webhook);
  const set = (changes: DeliveryFilters) => {
    const next = Object.entries({ ...filters, ...changes }).filter(([, value]) => value);
    return navigate({ to: '/deliveries', search: Object.fromEntries(next), replace: true });
  };
  const { anyWebhook, anyState, anyEvent, times } = texts;
  const time = Object.entries(times).filter(([value]) => value !== 'any');
  return (
    <search className={styles.bar} aria-label={texts.label}>
      <Choice
        label={texts.webhook}
        any={anyWebhook}
        choices={webhooks}
        value={filters.webhook}
        onChange={(webhook) => set({ webhook })}
      />
      <Choice
        label={texts.state}
        any={anyState}
        choices={STATES}
        value={filters.state}
        onChange={(state) => set({ state } as DeliveryFilters)}
      />
      <Choice
        label={texts.event}
        any={anyEvent}
        choices={EVENTS}
        value={filters.event}
        onChange={(event) => set({ event } as DeliveryFilters)}
      />
      <Choice
        label={texts.time}
        any={times.any}
        choices={time}
        value={filters.time}
        onChange={(range) => set({ time: range } as DeliveryFilters)}
      />
      <IdSearch key={filters.media} media={filters.media} onMedia={(media) => set({ media })} />
      {Object.keys(filters).length > 0 && (
        <Button
          kind="quiet"
          icon={<X />}
          onClick={() => navigate({ to: '/deliveries', search: {}, replace: true })}
        >
          {texts.clear}
        </Button>
      )}
    </search>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly any: string;
  readonly choices: Choices;
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
}

function Choice({ label, any, choices, value = '', onChange }: ChoiceProps) {
  return (
    <SelectField
      label={label}
      hideLabel
      value={value}
      onChange={({ target }) => onChange(target.value)}
      data-set={value !== ''}
    >
      <option value="">{any}</option>
      {choices.map(([one, name]) => (
        <option key={one} value={one}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}

/** Searches for the id of a media, or opens the delivery of an id. */
function IdSearch({
  media = '',
  onMedia,
}: {
  readonly media: string | undefined;
  readonly onMedia: (media: string) => void;
}) {
  const [text, setText] = useState(media);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const id = text.trim();
    const isDelivery = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(id) && (await exists(id));
    if (!isDelivery) return onMedia(id);
    return navigate({ to: '/deliveries/$id', params: { id }, search: true });
  };
  const exists = (id: string) =>
    queryClient.fetchQuery({ ...deliveryQuery(id), retry: false }).then(
      () => true,
      () => false,
    );
  return (
    <form onSubmit={submit} className={styles.search}>
      <TextField
        label={texts.media}
        hideLabel
        type="search"
        placeholder={texts.mediaHint}
        maxLength={255}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          if (target.value === '' && media !== '') onMedia('');
        }}
      />
    </form>
  );
}

/** Returns the newest webhooks, and the chosen one if it is not among them. */
function useWebhookChoices(chosen: string | undefined): Choices {
  const { data } = useQuery({
    ...webhooksQuery({ search: '', offset: 0, limit: CHOICES }),
    refetchInterval: false,
  });
  const listed = data?.webhooks.map(({ id, name }) => [id, name] as const) ?? [];
  const isListed = !chosen || listed.some(([id]) => id === chosen);
  const one = useQuery({
    ...webhookQuery(chosen ?? ''),
    enabled: !isListed,
    refetchInterval: false,
    retry: false,
  });
  if (isListed || !chosen) return listed;
  return [[chosen, one.data?.name ?? deliveryTexts.removedWebhook], ...listed];
}
