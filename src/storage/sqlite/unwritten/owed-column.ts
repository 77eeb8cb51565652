/** The deliveries that an event owes. They have consecutive numbers, in the order of `webhookSeqs`. */
export interface Owed {
  readonly firstSeq: number;
  readonly webhookSeqs: readonly number[];
}

/**
 * Returns the text of the column `events.owed`: the number of the first delivery, and the numbers of the webhooks, as
 * in `1042:7,9,12`.
 * @param subscribers the webhooks, in the order of the deliveries
 */
export function owedColumn(firstSeq: number, subscribers: readonly Numbered[]): string {
  return `${firstSeq}:${listOf(subscribers)}`;
}

/** A webhook with its number in the database. */
interface Numbered {
  readonly seq: number;
}

/** The list for each array of subscribers. All events of an account and type share one array. */
const lists = new WeakMap<readonly Numbered[], string>();

function listOf(subscribers: readonly Numbered[]): string {
  let list = lists.get(subscribers);
  if (list === undefined) {
    list = subscribers.map(({ seq }) => seq).join(',');
    lists.set(subscribers, list);
  }
  return list;
}

/** @throws Error when the text is no value of the column `events.owed` */
export function parseOwed(text: string): Owed {
  const [, firstSeq, webhookSeqs] = /^(\d+):(\d+(?:,\d+)*)$/.exec(text) ?? [];
  if (firstSeq === undefined || webhookSeqs === undefined)
    throw new Error(`the list of an event's deliveries can not be read: ${text.slice(0, 100)}`);
  return { firstSeq: Number(firstSeq), webhookSeqs: webhookSeqs.split(',').map(Number) };
}
