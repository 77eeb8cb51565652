import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Account } from '../domain/account.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { ServiceError } from '../domain/errors.ts';
import { issueRecordedToken, type RecordedTokensParts, rotateRecordedKey } from './recorded-tokens.ts';

const NOW = 1_767_225_600_000;
const ACCOUNT = { id: 'an-account', tokenGeneration: 2 } as Account;

function build(onRecord: () => void = () => undefined) {
  const records: unknown[] = [];
  const made: string[] = [];
  const parts = {
    storage: {
      audit: {
        add: async (...record: unknown[]) => {
          onRecord();
          records.push(record);
        },
      },
    },
    tokens: {
      issue: async () => 'a token',
      rotateKey: async (_at: number, onMade: (kid: string) => Promise<void>) => {
        await onMade('a kid');
        made.push('a kid');
        return { kid: 'a kid', dropped: [] };
      },
    },
  } as unknown as RecordedTokensParts;
  return { parts, records, made };
}

function refuse(): never {
  throw new ServiceError('storage_full', 'the disk is full');
}

test('a token is recorded before anyone has it', async () => {
  const { parts, records } = build();
  assert.equal(await issueRecordedToken(parts, ACCOUNT, { at: NOW, by: COMMAND_LINE }), 'a token');
  const { id } = ACCOUNT;
  const entry = { at: NOW, accountId: id, action: 'account.token_issued', targetId: id };
  assert.deepEqual(records, [[entry, COMMAND_LINE]]);
  const refusing = build(refuse);
  const issued = issueRecordedToken(refusing.parts, ACCOUNT, { at: NOW, by: COMMAND_LINE });
  await assert.rejects(issued, { code: 'storage_full' });
});

test('a key signs no token before it is recorded', async () => {
  const { parts, records, made } = build();
  await rotateRecordedKey(parts, { at: NOW, by: COMMAND_LINE });
  const entry = { at: NOW, accountId: null, action: 'token_key.rotated', targetId: 'a kid' };
  assert.deepEqual([records, made], [[[entry, COMMAND_LINE]], ['a kid']]);
  const refusing = build(refuse);
  await assert.rejects(rotateRecordedKey(refusing.parts, { at: NOW, by: COMMAND_LINE }), {
    code: 'storage_full',
  });
  assert.deepEqual(refusing.made, []);
});
