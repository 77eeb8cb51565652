/** Texts about sending a sample event to a webhook. */
export const checkTexts = {
  title: 'Check the receiver',
  hint: 'Sends a sample event now, signed like every other, with the header webhook-test: true. It is not retried and changes nothing.',
  event: 'Sample event',
  send: 'Send a sample event',
  answered: (status: number | null, ms: string) => `The receiver answered ${status} after ${ms}`,
  failed: 'The receiver did not accept the sample event',
  emptyAnswer: 'The answer has no body.',
  history: 'Earlier checks',
  when: 'Time',
  result: 'Result',
  took: 'Took',
  answer: 'Answer',
  noAnswer: 'No answer',
  emptyTitle: 'No checks yet',
  emptyHint: 'Send a sample event to see how your receiver answers.',
};
