import { type Static, Type } from 'typebox';
import { newPrivateKey, newSigningSecret } from '../../../delivery/attempt/signature.ts';
import { notFound } from '../../../domain/errors.ts';
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
        description: `For how long requests bear the signatures of the old keys as well; ${DEFAULT_OVERLAP_S} where it is left out.`,
      }),
    ),
  },
  { examples: [{ overlap_seconds: 3600 }] },
);

const Secret = Type.String({ pattern: '^whsec_', examples: [EXAMPLE_SECRET] });

/** The keys that sign: shown, and changed for new ones. */
export function webhookKeyRoutes(api: App, { storage, dispatcher, now }: Services): void {
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
      const webhook = await storage.webhooks.find(accountOf(request).id, request.params.id);
      if (!webhook) throw notFound('webhook');
      return success({ secret: webhook.secret });
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
          'Null where nothing is signed with one. The previous one is there for as long as it signs, too.',
        params: IdParams,
        response: {
          200: dataBody({ public_key: PublicKey, previous_public_key: PublicKey }),
        },
      },
    },
    async (request) => {
      const webhook = await storage.webhooks.find(accountOf(request).id, request.params.id);
      if (!webhook) throw notFound('webhook');
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
      // Without a body the default holds.
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
        summary: 'Give a webhook new signing keys; the old ones sign as well for a while',
        description:
          'Until `previous_keys_until` every request bears the signatures of both. Without a body, for 24 hours.',
        params: IdParams,
        body: RotateInput,
        response: {
          200: dataBody({ secret: Secret, public_key: PublicKey, previous_keys_until: Nullable(Timestamp) }),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { overlap_seconds: overlap = DEFAULT_OVERLAP_S } = request.body as Static<typeof RotateInput>;
      const at = now();
      const previousUntil = overlap === 0 ? null : at + Math.round(overlap * 1000);
      const keys = { secret: newSigningSecret(), privateKey: newPrivateKey(), previousUntil };
      const webhook = await storage.webhooks.rotateKeys(accountOf(request).id, id, keys, {
        at,
        by: actorOf(request),
      });
      if (!webhook) throw notFound('webhook');
      dispatcher.reloadWebhook(id);
      return success({
        secret: webhook.secret,
        public_key: publicKeyIn(webhook.signature, webhook),
        previous_keys_until: timestampOrNull(previousUntil),
      });
    },
  );
}
