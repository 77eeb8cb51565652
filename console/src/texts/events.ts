/** Types of events, in the order in which they happen. */
export const EVENT_TYPES = [
  'file.received',
  'encoding.started',
  'partial.finished',
  'encoding.finished',
  'encoding.failed',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Names of the types of events, and when each is sent. */
export const eventTexts: Readonly<Record<EventType, { readonly name: string; readonly when: string }>> = {
  'file.received': { name: 'File received', when: 'The upload is complete and was found whole.' },
  'encoding.started': { name: 'Encoding started', when: 'The first quality is being encoded.' },
  'partial.finished': {
    name: 'One quality finished',
    when: 'Sent for each quality, as soon as it can be played.',
  },
  'encoding.finished': { name: 'Encoding finished', when: 'All qualities can be played. Nothing follows.' },
  'encoding.failed': {
    name: 'Encoding failed',
    when: 'A quality failed and the others have ended. Nothing follows.',
  },
};

/** Words for one type of event anywhere in a text. */
export function eventName(type: string): string {
  return eventTexts[type as EventType]?.name ?? type;
}
