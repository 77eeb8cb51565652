import { type Static, Type } from 'typebox';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../../accounts/passwords.ts';
import type { Session } from '../../accounts/sessions.ts';
import { type Account, EMAIL } from '../../domain/account.ts';
import { FIRST_API_KEY_EXAMPLE, USER_EXAMPLE, UserBody, userBody } from './api-key.ts';
import { timestamp } from './envelope.ts';
import { EXAMPLE_EMAIL } from './example-values.ts';

const email = Type.String({ maxLength: 254, pattern: EMAIL.source });
const personName = Type.String({ maxLength: 255 });
const newPassword = Type.String({ minLength: MIN_PASSWORD_LENGTH, maxLength: MAX_PASSWORD_LENGTH });
/**
 * Schema of a password that is compared with the stored one. No account can have a longer password than
 * `MAX_PASSWORD_LENGTH`, so a longer password can't be right.
 */
const anyPassword = Type.String({ minLength: 1, maxLength: MAX_PASSWORD_LENGTH });

export const LoginInput = Type.Object(
  { email: Type.String({ minLength: 1, maxLength: 254 }), password: anyPassword },
  { examples: [{ email: EXAMPLE_EMAIL, password: 'correct horse battery staple' }] },
);

export const PasswordInput = Type.Object(
  { current_password: anyPassword, new_password: newPassword },
  {
    examples: [
      { current_password: 'correct horse battery staple', new_password: 'a better one, of many words' },
    ],
  },
);

export const sessionFields = {
  token: Type.String({
    minLength: 1,
    description: 'Bearer token.',
    examples: ['eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9…'],
  }),
  expires_at: Type.String({
    format: 'date-time',
    description: 'Time until which the token is valid.',
    examples: ['2026-01-01T20:00:00.000Z'],
  }),
  user: UserBody,
};

export function sessionBody({ token, expiresAt, account }: Session) {
  return { token, expires_at: timestamp(expiresAt), user: userBody(account) };
}

export const AccountInput = Type.Object(
  {
    email,
    first_name: Type.Optional(personName),
    last_name: Type.Optional(personName),
    password: Type.Optional(newPassword),
  },
  { examples: [{ email: EXAMPLE_EMAIL, first_name: 'Ada', last_name: 'Lovelace' }] },
);

export const AccountChangesInput = Type.Object(
  {
    is_disabled: Type.Optional(
      Type.Boolean({
        description: 'If true, the keys and tokens of the account are refused as soon as the answer is sent.',
      }),
    ),
    first_name: Type.Optional(personName),
    last_name: Type.Optional(personName),
    password: Type.Optional(newPassword),
  },
  { description: 'A new password invalidates all tokens issued before.', examples: [{ is_disabled: true }] },
);

/** An account that an operator reads. */
export const ACCOUNT_EXAMPLE = {
  ...USER_EXAMPLE,
  is_operator: false,
  is_disabled: false,
  has_password: true,
};

/** An account that was created without a password, and its first API key. */
export const NEW_ACCOUNT_EXAMPLE = {
  account: { ...ACCOUNT_EXAMPLE, has_password: false },
  api_key: FIRST_API_KEY_EXAMPLE,
};

export const AccountBody = Type.Object(
  {
    ...UserBody.properties,
    is_operator: Type.Boolean({ description: 'Whether the account may publish events and manage accounts.' }),
    is_disabled: Type.Boolean({ description: 'Whether the keys and tokens of the account are refused.' }),
    has_password: Type.Boolean({ description: 'Whether the account can sign in with a password.' }),
  },
  {
    examples: [ACCOUNT_EXAMPLE],
  },
);

export function accountBody(account: Account): Static<typeof AccountBody> {
  return {
    ...userBody(account),
    is_operator: account.isOperator,
    is_disabled: account.isDisabled,
    has_password: account.passwordHash !== null,
  };
}
