import { styleText } from 'node:util';
import type { Arrival } from './receiver.ts';

const WIDTHS = [9, 13, 19, 13, 13, 11, 0];
const HEADER = ['time', 'file', 'event', 'qualities', 'status', 'signature', 'answered'];

const COLOUR_OF_STATUS: Record<string, 'blue' | 'yellow' | 'green' | 'red'> = {
  new: 'blue',
  transcoding: 'yellow',
  done: 'green',
  fail: 'red',
};

export function tableHeader(): string {
  return styleText('bold', cells(HEADER).join(''));
}

/** Returns one line of the table. @param seconds since the start of the first upload */
export function tableRow(
  seconds: number,
  file: string,
  { event, verified, answered }: Arrival,
  isRepeat: boolean,
): string {
  const [time = '', name = '', type = '', qualities = '', status = '', signature = '', answer = ''] = cells([
    `+${seconds.toFixed(2)} s`,
    file,
    event.type,
    event.qualities,
    event.status,
    verified ? '✓ verified' : '✗ wrong',
    String(answered) + remark(answered, isRepeat),
  ]);
  const colour = COLOUR_OF_STATUS[event.status] ?? 'red';
  return [
    styleText('dim', time),
    name,
    styleText('bold', type),
    qualities,
    styleText(colour, status),
    styleText(verified ? 'green' : 'red', signature),
    answered === 200 ? answer : styleText('yellow', answer),
  ].join('');
}

function remark(answered: number, isRepeat: boolean): string {
  if (answered !== 200) return ', on purpose: the service retries in 3 s, and later events wait';
  return isRepeat ? ', a retry of the same event' : '';
}

function cells(texts: readonly string[]): string[] {
  return texts.map((text, index) => text.padEnd(WIDTHS[index] ?? 0));
}
