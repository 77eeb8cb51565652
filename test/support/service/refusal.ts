import assert from 'node:assert/strict';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import { ERROR_STATUS } from '../../../src/http/error-status.ts';
import type { ApiAnswer } from './api-client.ts';

/**
 * Asserts that `answer` is an error with this code, in the form of the API's contract. If `fields` is given,
 * asserts that the details of the error name exactly these fields.
 */
export function assertRefusal(answer: ApiAnswer, code: ErrorCode, fields?: readonly string[]): void {
  const shown = `${answer.status} ${JSON.stringify(answer.body)}`;
  assert.equal(answer.status, ERROR_STATUS[code], shown);
  assert.equal(answer.contentType, 'application/json', shown);
  assert.deepEqual(Object.keys(answer.body), ['status', 'message', 'code', 'details'], shown);
  assert.equal(answer.body.status, 'error', shown);
  assert.equal(answer.body.code, code, shown);
  assert.ok(answer.body.message.length > 0, shown);
  const details: { field: string; message: string }[] = answer.body.details;
  for (const detail of details) assert.ok(detail.message.length > 0, shown);
  if (!fields) return;
  const named = [...new Set(details.map(({ field }) => field))];
  assert.deepEqual(named.toSorted(), fields.toSorted(), shown);
}
