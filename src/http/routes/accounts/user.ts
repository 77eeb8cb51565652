import type { App } from '../../app.ts';
import { accountOf } from '../../hooks/authentication.ts';
import { UserBody, userBody } from '../../wire/api-key.ts';
import { dataBody, success } from '../../wire/envelope.ts';

export function userRoutes(api: App): void {
  const schema = {
    operationId: 'getCurrentUser',
    tags: ['Sign-in'],
    summary: 'The account that the credentials belong to',
    response: { 200: dataBody({ user: UserBody }) },
  };
  api.get('/user/me', { schema }, async (request) => success({ user: userBody(accountOf(request)) }));
}
