import { Type } from 'typebox';
import { registerAccount } from '../../../accounts/create-account.ts';
import type { AccountChanges } from '../../../domain/account.ts';
import { notFound, ServiceError } from '../../../domain/errors.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { AccountBody, AccountChangesInput, AccountInput, accountBody } from '../../wire/account.ts';
import { apiKeyBody, NewApiKeyBody, UserBody, userBody } from '../../wire/api-key.ts';
import { Count, dataBody, IdParams, PageQuery, pageRequest, success } from '../../wire/envelope.ts';

const AccountsQuery = Type.Object({
  ...PageQuery,
  search: Type.Optional(
    Type.String({ maxLength: 255, description: 'Part of the email address; case does not matter.' }),
  ),
  sort_by: Type.Optional(
    Type.Enum(['created_at', 'email'], { description: 'created_at where it is left out.' }),
  ),
  is_disabled: Type.Optional(Type.Boolean({ description: 'Only those that are, or are not.' })),
});

const response = { 200: dataBody({ account: AccountBody }) };

/** For operators: who may use the service. Operators themselves are made by the command line alone. */
export function accountRoutes(api: App, { storage, passwords, authenticator, now }: Services): void {
  const config = { access: 'operator' } as const;

  api.post(
    '/accounts',
    {
      config: { ...config, errors: { conflict: 'There is an account with this email address.' } },
      schema: {
        operationId: 'createAccount',
        tags: ['Accounts'],
        summary: 'Create an account with its first API key',
        description:
          'The answer holds the secret of the key, this once. Email addresses are kept in lower case.',
        body: AccountInput,
        response: { 201: dataBody({ account: AccountBody, api_key: NewApiKeyBody }) },
      },
    },
    async (request, reply) => {
      const { email, first_name: firstName = '', last_name: lastName = '', password } = request.body;
      const passwordHash = password === undefined ? null : await passwords.hash(password);
      const wanted = { email, firstName, lastName, passwordHash, isOperator: false, now: now() };
      const { account, key, secret } = await registerAccount(storage, wanted, actorOf(request));
      const body = { account: accountBody(account), api_key: { ...apiKeyBody(key, account, now()), secret } };
      return reply.code(201).send(success(body));
    },
  );

  api.get(
    '/accounts',
    {
      config,
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
      const { items, total } = await storage.accounts.list({
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
    async (request) => {
      const account = await storage.accounts.find(request.params.id);
      if (!account) throw notFound('account');
      return success({ account: accountBody(account) });
    },
  );

  api.patch(
    '/accounts/:id',
    {
      config: { ...config, errors: { conflict: 'It would disable the account of the request itself.' } },
      schema: {
        operationId: 'updateAccount',
        tags: ['Accounts'],
        summary: 'Disable or enable an account, rename its owner, or set its password',
        description:
          'From the answer to `is_disabled: true` on, its keys and tokens are refused; enabled again, the same are good.',
        params: IdParams,
        body: AccountChangesInput,
        response,
      },
    },
    async (request) => {
      const { id } = request.params;
      const { is_disabled: isDisabled, first_name, last_name, password } = request.body;
      if (isDisabled && id === accountOf(request).id)
        throw new ServiceError('conflict', 'nobody disables the account of the request itself');
      const passwordHash = password === undefined ? undefined : await passwords.hash(password);
      const changes = given({ isDisabled, firstName: first_name, lastName: last_name, passwordHash });
      const account = await storage.accounts.update(id, changes, { at: now(), by: actorOf(request) });
      authenticator.forgetAccount(id);
      if (!account) throw notFound('account');
      return success({ account: accountBody(account) });
    },
  );
}

/** The fields that a request names. */
function given(
  changes: { [Field in keyof AccountChanges]: AccountChanges[Field] | undefined },
): AccountChanges {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** Registers `GET /user/me`, which every account may ask for. */
export function currentUserRoute(api: App): void {
  const schema = {
    operationId: 'getCurrentUser',
    tags: ['Sign-in'],
    summary: 'The account that the credentials belong to',
    response: { 200: dataBody({ user: UserBody }) },
  };
  api.get('/user/me', { schema }, async (request) => success({ user: userBody(accountOf(request)) }));
}
