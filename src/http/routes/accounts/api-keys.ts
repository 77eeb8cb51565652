import { Type } from 'typebox';
import { LONGEST_KEY_TTL_S } from '../../../accounts/secrets/api-key-secrets.ts';
import { API_KEY_TYPES } from '../../../domain/account.ts';
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
        description: `Seconds until the key expires, at most ${LONGEST_KEY_TTL_S}. 0, or left out: the key does not expire.`,
      }),
    ),
    type: Type.Optional(
      Type.Enum(API_KEY_TYPES, {
        description:
          'full_access if left out. A key of the type only_upload can only create media and upload their files.',
      }),
    ),
  },
  { examples: [{ api_key_name: 'my encoder', ttl: '86400', type: 'full_access' }] },
);

const RenameInput = Type.Object(
  { api_key_name: GivenName },
  { examples: [{ api_key_name: 'my new encoder' }] },
);

export function apiKeyRoutes(api: App, { apiKeys, now }: Pick<Services, 'apiKeys' | 'now'>): void {
  api.post(
    '/api_keys',
    {
      config: { errors: { limit_reached: 'The account has the maximum number of API keys.' } },
      schema: {
        operationId: 'createApiKey',
        tags: ['API keys'],
        summary: 'Create an API key',
        description: 'Only this answer holds the secret of the key.',
        body: ApiKeyInput,
        response: { 201: dataBody({ api_key: NewApiKeyBody }) },
      },
    },
    async (request, reply) => {
      const account = accountOf(request);
      const { api_key_name: name, ttl = '0', type = 'full_access' } = request.body;
      const wanted = { name, type, ttl: Number(ttl) };
      const { key, secret } = await apiKeys.create(account.id, wanted, actorOf(request));
      return reply.code(201).send(success({ api_key: { ...apiKeyBody(key, account, now()), secret } }));
    },
  );

  api.get(
    '/api_keys',
    {
      config: { isList: true },
      schema: {
        operationId: 'listApiKeys',
        tags: ['API keys'],
        summary: 'List API keys',
        querystring: Type.Object({
          ...PageQuery,
          type: Type.Optional(Type.Enum(API_KEY_TYPES, { description: 'Only API keys of this type.' })),
        }),
        response: {
          200: dataBody({ api_keys: Type.Array(ApiKeyBody), total: Count }),
        },
      },
    },
    async (request) => {
      const account = accountOf(request);
      const { items, total } = await apiKeys.list(account.id, {
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
      const { api_key_name: name } = request.body;
      await apiKeys.rename(accountOf(request).id, request.params.id, name, actorOf(request));
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
        description: 'Once this is answered, the key is refused.',
        params: IdParams,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      await apiKeys.remove(accountOf(request).id, request.params.id, actorOf(request));
      return message('the API key was removed');
    },
  );
}
