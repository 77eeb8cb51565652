import { type Static, Type } from 'typebox';
import type { App } from '../../app.ts';
import { accountOf, actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { dataBody, IdParams, Nullable, success, Timestamp, timestampOrNull } from '../../wire/envelope.ts';
import { EXAMPLE_PUBLIC_KEY, EXAMPLE_SECRET, EXAMPLE_TIMES } from '../../wire/example-values.ts';
import { PublicKey, publicKeyIn } from '../../wire/webhook.ts';

const DEFAULT_OVERLAP_S = 24 * 3600;
const MAX_OVERLAP_S = 7 * 24 * 3600;

const RotateInput = Type.Object(
  {
    overlap_seconds: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: MAX_OVERLAP_S,
        description: `Seconds for which requests carry the signatures of the old keys too; ${DEFAULT_OVERLAP_S} if left out.`,
      }),
    ),
  },
  { examples: [{ overlap_seconds: 3600 }] },
);

const Secret = Type.String({ pattern: '^whsec_', examples: [EXAMPLE_SECRET] });

/** Registers the routes that show and rotate the signing keys of a webhook. */
export function webhookKeyRoutes(api: App, { webhooks, now }: Pick<Services, 'webhooks' | 'now'>): void {
  api.get(
    '/webhooks/:id/secret',
    {
      schema: {
        operationId: 'getWebhookSecret',
        tags: ['Webhooks'],
        summary: 'The signing secret of a webhook',
        params: IdParams,
        response: { 200: dataBody({ secret: Secret }) },
      },
    },
    async (request) => {
      const { secret } = await webhooks.find(accountOf(request).id, request.params.id);
      return success({ secret });
    },
  );

  api.get(
    '/webhooks/:id/public_key',
    {
      schema: {
        operationId: 'getWebhookPublicKeys',
        tags: ['Webhooks'],
        answerExample: success({ public_key: EXAMPLE_PUBLIC_KEY, previous_public_key: null }),
        summary: 'The public keys that verify the Ed25519 signatures of a webhook',
        description:
          'Null if requests carry no Ed25519 signature. The previous key is shown as long as it signs too.',
        params: IdParams,
        response: {
          200: dataBody({ public_key: PublicKey, previous_public_key: PublicKey }),
        },
      },
    },
    async (request) => {
      const webhook = await webhooks.find(accountOf(request).id, request.params.id);
      const { signature, previousKeys: previous } = webhook;
      const isInUse = previous !== null && now() < previous.until;
      return success({
        public_key: publicKeyIn(signature, webhook),
        previous_public_key: isInUse ? publicKeyIn(signature, previous) : null,
      });
    },
  );

  api.post(
    '/webhooks/:id/secret/rotate',
    {
      config: { isEssential: true },
      // Replaces a missing body by an empty object, so that the default overlap of old and new keys applies.
      preValidation: async (request) => {
        request.body ??= {};
      },
      schema: {
        isBodyOptional: true,
        operationId: 'rotateWebhookKeys',
        tags: ['Webhooks'],
        answerExample: success({
          secret: EXAMPLE_SECRET,
          public_key: EXAMPLE_PUBLIC_KEY,
          previous_keys_until: EXAMPLE_TIMES.later,
        }),
        summary: 'Give a webhook new signing keys; the old keys sign too for a while',
        description:
          'Until `previous_keys_until`, every request carries the signatures of the old and the new keys. Without a body, that is 24 hours.',
        params: IdParams,
        body: RotateInput,
        response: {
          200: dataBody({ secret: Secret, public_key: PublicKey, previous_keys_until: Nullable(Timestamp) }),
        },
      },
    },
    async (request) => {
      const { overlap_seconds: overlap = DEFAULT_OVERLAP_S } = request.body as Static<typeof RotateInput>;
      const { id: userId } = accountOf(request);
      const overlapMs = Math.round(overlap * 1000);
      const webhook = await webhooks.rotateKeys(userId, request.params.id, overlapMs, actorOf(request));
      return success({
        secret: webhook.secret,
        public_key: publicKeyIn(webhook.signature, webhook),
        previous_keys_until: timestampOrNull(webhook.previousKeys?.until ?? null),
      });
    },
  );
}
