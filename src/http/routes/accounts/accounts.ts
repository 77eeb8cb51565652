import { Type } from 'typebox';
import type { App } from '../../app.ts';
import { accountOf, actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import {
  AccountBody,
  AccountChangesInput,
  AccountInput,
  accountBody,
  NEW_ACCOUNT_EXAMPLE,
} from '../../wire/account.ts';
import { apiKeyBody, NewApiKeyBody, UserBody, userBody } from '../../wire/api-key.ts';
import { Count, dataBody, IdParams, PageQuery, pageRequest, success } from '../../wire/envelope.ts';

const AccountsQuery = Type.Object({
  ...PageQuery,
  search: Type.Optional(
    Type.String({ maxLength: 255, description: 'Part of the email address. Case does not matter.' }),
  ),
  sort_by: Type.Optional(Type.Enum(['created_at', 'email'], { description: 'created_at if left out.' })),
  is_disabled: Type.Optional(
    Type.Boolean({ description: 'Only accounts that are disabled, or only those that are not.' }),
  ),
});

const response = { 200: dataBody({ account: AccountBody }) };

/**
 * Registers the routes with which operators manage accounts. No route makes an account an operator; only the
 * command line does.
 */
export function accountRoutes(api: App, { accounts, now }: Pick<Services, 'accounts' | 'now'>): void {
  const config = { access: 'operator' } as const;

  api.post(
    '/accounts',
    {
      config: { ...config, errors: { conflict: 'An account with this email address exists already.' } },
      schema: {
        operationId: 'createAccount',
        tags: ['Accounts'],
        answerExample: success(NEW_ACCOUNT_EXAMPLE),
        summary: 'Create an account with its first API key',
        description:
          'Only this answer holds the secret of the key. Email addresses are stored in lower case.',
        body: AccountInput,
        response: { 201: dataBody({ account: AccountBody, api_key: NewApiKeyBody }) },
      },
    },
    async (request, reply) => {
      const { email, first_name: firstName, last_name: lastName, password } = request.body;
      const wanted = { email, firstName, lastName, password, isOperator: false };
      const { account, key, secret } = await accounts.create(wanted, actorOf(request));
      const body = { account: accountBody(account), api_key: { ...apiKeyBody(key, account, now()), secret } };
      return reply.code(201).send(success(body));
    },
  );

  api.get(
    '/accounts',
    {
      config: { ...config, isList: true },
      schema: {
        operationId: 'listAccounts',
        tags: ['Accounts'],
        summary: 'List accounts',
        querystring: AccountsQuery,
        response: {
          200: dataBody({ accounts: Type.Array(AccountBody), total: Count }),
        },
      },
    },
    async (request) => {
      const { sort_by: sortBy, is_disabled: isDisabled = null, ...page } = request.query;
      const { items, total } = await accounts.list({
        ...pageRequest(page),
        sortBy: sortBy === 'email' ? 'email' : 'createdAt',
        isDisabled,
      });
      return success({ accounts: items.map(accountBody), total });
    },
  );

  api.get(
    '/accounts/:id',
    {
      config,
      schema: {
        operationId: 'getAccount',
        tags: ['Accounts'],
        summary: 'One account',
        params: IdParams,
        response,
      },
    },
    async (request) => success({ account: accountBody(await accounts.find(request.params.id)) }),
  );

  api.patch(
    '/accounts/:id',
    {
      config: { ...config, errors: { conflict: 'An account cannot disable itself.' } },
      schema: {
        operationId: 'updateAccount',
        tags: ['Accounts'],
        summary: 'Disable or enable an account, rename its owner, or set its password',
        description:
          'Once `is_disabled: true` is answered, its keys and tokens are refused. When the account is enabled again, the same keys and tokens are accepted again.',
        params: IdParams,
        body: AccountChangesInput,
        response,
      },
    },
    async (request) => {
      const { is_disabled: isDisabled, first_name: firstName, last_name: lastName, password } = request.body;
      const wanted = { isDisabled, firstName, lastName, password };
      const account = await accounts.update(request.params.id, wanted, actorOf(request));
      return success({ account: accountBody(account) });
    },
  );
}

/** Registers `GET /user/me`, with which an account can read its own data. */
export function currentUserRoute(api: App): void {
  const schema = {
    operationId: 'getCurrentUser',
    tags: ['Sign-in'],
    summary: 'The account that the credentials belong to',
    response: { 200: dataBody({ user: UserBody }) },
  };
  api.get('/user/me', { schema }, async (request) => success({ user: userBody(accountOf(request)) }));
}
