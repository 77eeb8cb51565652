import { type Static, Type } from 'typebox';
import { AUDIT_ACTIONS, type AuditAction, type AuditRecord, CREDENTIAL_KINDS } from '../../domain/audit.ts';
import { Nullable, Timestamp, timestamp } from './envelope.ts';

export const AUDIT_ACTION_NAMES = Object.keys(AUDIT_ACTIONS) as AuditAction[];

const ID_EXAMPLE = '019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b';
const WEBHOOK_EXAMPLE = '019a1b2c-9f60-7a8b-9c0d-1e2f3a4b5c6d';

export const AuditRecordBody = Type.Object(
  {
    id: Type.String(),
    created_at: Timestamp,
    user_id: Nullable(
      Type.String({ description: 'The account that it concerns; null for the whole service.' }),
    ),
    action: Type.Enum(AUDIT_ACTION_NAMES),
    target_type: Type.Enum([...new Set(Object.values(AUDIT_ACTIONS))]),
    target_id: Type.String(),
    changed_fields: Type.Array(Type.String(), { description: 'Their names, never what they hold.' }),
    actor_id: Nullable(
      Type.String({
        description: 'The account that acted; null on the command line, and for a refused sign-in.',
      }),
    ),
    credential: Type.Enum(CREDENTIAL_KINDS),
    api_key: Nullable(
      Type.Object(
        { id: Type.String(), public_key: Type.String() },
        { description: 'The key that was used; null for other credentials.' },
      ),
    ),
    address: Nullable(Type.String({ description: 'Of the client.' })),
    request_id: Nullable(Type.String({ description: 'The x-request-id of the answer.' })),
  },
  {
    examples: [
      {
        id: ID_EXAMPLE,
        created_at: '2026-01-01T08:00:00.000Z',
        user_id: ID_EXAMPLE,
        action: 'webhook.updated',
        target_type: 'webhook',
        target_id: WEBHOOK_EXAMPLE,
        changed_fields: ['url', 'max_in_flight'],
        actor_id: ID_EXAMPLE,
        credential: 'api_key',
        api_key: { id: ID_EXAMPLE, public_key: 'kX2v0nqzS7mB1cYw' },
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

/** As the API calls it. */
function fieldName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
