import { Type } from 'typebox';
import { generateApiKey, LONGEST_KEY_TTL_S } from '../../../accounts/api-key-secrets.ts';
import { API_KEY_TYPES } from '../../../domain/account.ts';
import { invalidField, notFound } from '../../../domain/errors.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { ApiKeyBody, apiKeyBody, NewApiKeyBody } from '../../wire/api-key.ts';
import {
  Count,
  dataBody,
  GivenName,
  IdParams,
  MessageBody,
  message,
  PageQuery,
  pageRequest,
  success,
} from '../../wire/envelope.ts';
import { DIGITS } from '../../wire/validation-phrases.ts';

const ApiKeyInput = Type.Object(
  {
    api_key_name: GivenName,
    ttl: Type.Optional(
      Type.String({
        pattern: DIGITS.source,
        maxLength: 20,
        description: `Seconds, at most ${LONGEST_KEY_TTL_S}; 0 or none: no expiry.`,
      }),
    ),
    type: Type.Optional(
      Type.Enum(API_KEY_TYPES, {
        description:
          'full_access where it is left out; only_upload may create and fill media, and nothing else.',
      }),
    ),
  },
  { examples: [{ api_key_name: 'my encoder', ttl: '86400', type: 'full_access' }] },
);

const RenameInput = Type.Object(
  { api_key_name: GivenName },
  { examples: [{ api_key_name: 'my new encoder' }] },
);

export function apiKeyRoutes(api: App, { storage, authenticator, accountLimits, now }: Services): void {
  api.post(
    '/api_keys',
    {
      config: { errors: { limit_reached: 'The account has as many API keys as it may.' } },
      schema: {
        operationId: 'createApiKey',
        tags: ['API keys'],
        summary: 'Create an API key',
        description: 'The answer holds its secret, this once.',
        body: ApiKeyInput,
        response: { 201: dataBody({ api_key: NewApiKeyBody }) },
      },
    },
    async (request, reply) => {
      const account = accountOf(request);
      const { api_key_name: name, ttl = '0', type = 'full_access' } = request.body;
      if (Number(ttl) > LONGEST_KEY_TTL_S)
        throw invalidField('ttl', `expected at most ${LONGEST_KEY_TTL_S} seconds`);
      const { key, secret } = generateApiKey({
        userId: account.id,
        name,
        type,
        ttl: Number(ttl),
        now: now(),
      });
      await storage.apiKeys.create(key, accountLimits.apiKeys, actorOf(request));
      return reply.code(201).send(success({ api_key: { ...apiKeyBody(key, account, now()), secret } }));
    },
  );

  api.get(
    '/api_keys',
    {
      schema: {
        operationId: 'listApiKeys',
        tags: ['API keys'],
        summary: 'List API keys',
        querystring: Type.Object({
          ...PageQuery,
          type: Type.Optional(Type.Enum(API_KEY_TYPES, { description: 'Only those of this type.' })),
        }),
        response: {
          200: dataBody({ api_keys: Type.Array(ApiKeyBody), total: Count }),
        },
      },
    },
    async (request) => {
      const account = accountOf(request);
      const { items, total } = await storage.apiKeys.list(account.id, {
        ...pageRequest(request.query),
        type: request.query.type ?? null,
      });
      return success({ api_keys: items.map((key) => apiKeyBody(key, account, now())), total });
    },
  );

  api.patch(
    '/api_keys/:id',
    {
      schema: {
        operationId: 'renameApiKey',
        tags: ['API keys'],
        answerExample: message('the API key was renamed'),
        summary: 'Rename an API key',
        params: IdParams,
        body: RenameInput,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      const { id } = request.params;
      const renamed = await storage.apiKeys.rename(accountOf(request).id, id, request.body.api_key_name, {
        at: now(),
        by: actorOf(request),
      });
      if (!renamed) throw notFound('API key');
      return message('the API key was renamed');
    },
  );

  api.delete(
    '/api_keys/:id',
    {
      schema: {
        operationId: 'deleteApiKey',
        tags: ['API keys'],
        answerExample: message('the API key was removed'),
        summary: 'Remove an API key',
        description: 'From the answer on it is refused.',
        params: IdParams,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      const { id } = request.params;
      const removed = await storage.apiKeys.delete(accountOf(request).id, id, {
        at: now(),
        by: actorOf(request),
      });
      if (!removed) throw notFound('API key');
      authenticator.forgetApiKey(removed.id);
      return message('the API key was removed');
    },
  );
}
