import { type Static, Type } from 'typebox';
import { AUDIT_ACTIONS, type AuditAction, type AuditRecord, CREDENTIAL_KINDS } from '../../domain/audit.ts';
import { Nullable, Timestamp, timestamp } from './envelope.ts';
import { EXAMPLE_IDS, EXAMPLE_TIMES } from './example-values.ts';

export const AUDIT_ACTION_NAMES = Object.keys(AUDIT_ACTIONS) as AuditAction[];

export const AuditRecordBody = Type.Object(
  {
    id: Type.String(),
    created_at: Timestamp,
    user_id: Nullable(
      Type.String({ description: 'Account that the change concerns; null: the whole service.' }),
    ),
    action: Type.Enum(AUDIT_ACTION_NAMES),
    target_type: Type.Enum([...new Set(Object.values(AUDIT_ACTIONS))]),
    target_id: Type.String(),
    changed_fields: Type.Array(Type.String(), {
      description: 'Names of the changed fields, without their values.',
    }),
    actor_id: Nullable(
      Type.String({
        description: 'Account that made the change; null: a command, or a refused sign-in.',
      }),
    ),
    credential: Type.Enum(CREDENTIAL_KINDS),
    api_key: Nullable(
      Type.Object(
        { id: Type.String(), public_key: Type.String() },
        { description: 'API key that was used; null: another kind of credential.' },
      ),
    ),
    address: Nullable(Type.String({ description: 'Address of the client.' })),
    request_id: Nullable(Type.String({ description: 'Value of the header x-request-id of the answer.' })),
  },
  {
    examples: [
      {
        id: EXAMPLE_IDS.auditRecord,
        created_at: EXAMPLE_TIMES.created,
        user_id: EXAMPLE_IDS.account,
        action: 'webhook.updated',
        target_type: 'webhook',
        target_id: EXAMPLE_IDS.webhook,
        changed_fields: ['url', 'max_in_flight'],
        actor_id: EXAMPLE_IDS.account,
        credential: 'api_key',
        api_key: { id: EXAMPLE_IDS.apiKey, public_key: 'Jv0T3yMkWfGq8xN2bRzL5c' },
        address: '192.0.2.7',
        request_id: 'dGVzdC1zZXJ2-1k',
      },
    ],
  },
);

export function auditRecordBody({
  id,
  at,
  accountId,
  action,
  targetId,
  changed,
  actor,
}: AuditRecord): Static<typeof AuditRecordBody> {
  return {
    id,
    created_at: timestamp(at),
    user_id: accountId,
    action,
    target_type: AUDIT_ACTIONS[action],
    target_id: targetId,
    changed_fields: changed.map(fieldName),
    actor_id: actor.accountId,
    credential: actor.credential,
    api_key: actor.apiKey && { id: actor.apiKey.id, public_key: actor.apiKey.publicKey },
    address: actor.address,
    request_id: actor.requestId,
  };
}

/** Returns the API's name of a field, for example `max_in_flight` for `maxInFlight`. */
function fieldName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
