import { Button } from '../../../components/controls/button.tsx';
import { Section } from '../../../components/display/page.tsx';
import { EVENT_TYPES, type EventType, eventTexts } from '../../../texts/events.ts';
import { formTexts as texts } from '../../../texts/webhook-form.ts';
import styles from './form.module.css';

interface Props {
  readonly events: ReadonlySet<EventType>;
  readonly fault: string | undefined;
  readonly onChange: (events: ReadonlySet<EventType>) => void;
}

export function EventChoices({ events, fault, onChange }: Props) {
  const hasAll = events.size === EVENT_TYPES.length;
  const toggle = (type: EventType) => {
    const next = new Set(events);
    if (!next.delete(type)) next.add(type);
    onChange(next);
  };
  const all = (
    <Button size="small" kind="quiet" onClick={() => onChange(new Set(hasAll ? [] : EVENT_TYPES))}>
      {hasAll ? texts.none : texts.all}
    </Button>
  );
  return (
    <Section title={texts.events} description={texts.eventsHint} actions={all}>
      <fieldset className={styles.choices} data-fault={fault ? '' : undefined}>
        <legend className="visually-hidden">{texts.events}</legend>
        {EVENT_TYPES.map((type) => (
          <label key={type} className={styles.choice}>
            <input type="checkbox" checked={events.has(type)} onChange={() => toggle(type)} />
            <strong>{eventTexts[type].name}</strong>
            <span>{eventTexts[type].when}</span>
            <code>{type}</code>
          </label>
        ))}
      </fieldset>
      {fault && (
        <p role="alert" className={styles.fault}>
          {fault}
        </p>
      )}
    </Section>
  );
}
