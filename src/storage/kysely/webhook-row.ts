import type { RetrySchedule } from '../../domain/webhook.ts';

/** A webhook's retry schedule as the databases keep it: its name, or its delays as JSON. */
export function retryScheduleText(schedule: RetrySchedule): string {
  return typeof schedule === 'string' ? schedule : JSON.stringify(schedule);
}

export function retryScheduleOf(text: string): RetrySchedule {
  return text === 'default' || text === 'exponential' ? text : JSON.parse(text);
}
