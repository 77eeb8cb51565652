import { type Static, Type } from 'typebox';
import type { Identity } from '../../accounts/authenticator.ts';
import { API_KEY_TYPES } from '../../domain/account.ts';
import { SIGN_IN_MEANS } from '../../domain/console-session.ts';
import type { ConsoleOptions } from '../services.ts';
import { ACCOUNT_EXAMPLE, AccountBody, accountBody } from './account.ts';
import { Count, Nullable, success, Timestamp, timestamp, timestampOrNull } from './envelope.ts';
import { EXAMPLE_EMAIL, EXAMPLE_TIMES } from './example-values.ts';

const credentialText = Type.String({ minLength: 1, maxLength: 256 });

export const SignInInput = Type.Object(
  {
    email: Type.Optional(Type.String({ minLength: 1, maxLength: 254 })),
    password: Type.Optional(credentialText),
    public_key: Type.Optional(credentialText),
    secret_key: Type.Optional(credentialText),
    link: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'Secret after `#link=` in the URL of a link.',
      }),
    ),
  },
  {
    description: 'Either `email` and `password`, or `public_key` and `secret_key`, or `link`.',
    examples: [{ email: EXAMPLE_EMAIL, password: 'correct horse battery staple' }],
  },
);

/** Header that the operations of the console's session need. */
export const ConsoleHeaders = Type.Object({
  'x-mediahooks-console': Type.Optional(
    Type.String({
      description:
        'Must be `1`. A page of another site cannot send this header. Every request that uses the cookie needs it.',
      examples: ['1'],
    }),
  ),
});

const Limit = Nullable(Count);

export const consoleSessionFields = {
  account: AccountBody,
  access: Type.Enum(API_KEY_TYPES, {
    description:
      'Rights of the credential. A session that was opened with an API key has the rights of the key.',
  }),
  signed_in_with: Nullable(
    Type.Enum(SIGN_IN_MEANS, {
      description: 'How the session was opened; null: the request has no cookie, but another credential.',
    }),
  ),
  expires_at: Nullable(
    Type.String({
      format: 'date-time',
      description: 'Time at which the session ends; null: the request has another credential.',
      examples: [EXAMPLE_TIMES.later],
    }),
  ),
  inbox: Type.Boolean({ description: 'Whether the account can create inboxes.' }),
  theme: Type.Object({
    accent: Nullable(Type.String({ pattern: '^#[0-9a-f]{6}$' })),
    logo: Nullable(Type.String({ description: 'Path of the logo; null: the console has no logo.' })),
  }),
  limits: Type.Object(
    {
      webhooks: Limit,
      api_keys: Limit,
      media_bytes: Limit,
      account_bytes: Limit,
    },
    { description: 'Maximum numbers of objects and bytes of the account; null: no limit.' },
  ),
};

const SessionData = Type.Object(consoleSessionFields);

const CONSOLE_SESSION_EXAMPLE = {
  account: ACCOUNT_EXAMPLE,
  access: 'full_access',
  signed_in_with: 'password',
  expires_at: EXAMPLE_TIMES.later,
  inbox: true,
  theme: { accent: '#0b6e4f', logo: '/api/console/logo' },
  limits: { webhooks: 1000, api_keys: 100, media_bytes: 53_687_091_200, account_bytes: null },
};

/** An answer about a session that a person has opened with a password. */
export const SESSION_ANSWER_EXAMPLE = success(CONSOLE_SESSION_EXAMPLE);

/** An answer to a request with an API key. */
export const NO_SESSION_ANSWER_EXAMPLE = success({
  ...CONSOLE_SESSION_EXAMPLE,
  signed_in_with: null,
  expires_at: null,
});

/** Path at which the logo is served. */
export const LOGO_PATH = '/api/console/logo';

export function consoleSessionBody(
  { account, access, session }: Identity,
  { accent, logo, hasInboxes, limits }: ConsoleOptions,
): Static<typeof SessionData> {
  return {
    account: accountBody(account),
    access,
    signed_in_with: session?.means ?? null,
    expires_at: timestampOrNull(session?.expiresAt ?? null),
    inbox: hasInboxes,
    theme: { accent, logo: logo === null ? null : LOGO_PATH },
    limits: {
      webhooks: limits.webhooks,
      api_keys: limits.apiKeys,
      media_bytes: limits.mediaBytes,
      account_bytes: limits.accountBytes,
    },
  };
}

export const consoleLinkFields = {
  url: Type.String({
    description:
      'Page that signs the account in, once. The secret is in the fragment, which browsers do not send, so that it is in no log.',
    examples: ['https://hooks.example.com/console/#link=Zm9yIGEgZG9jdW1lbnQgb25seSwgb2YgY291cnNlLiE'],
  }),
  expires_at: Timestamp,
};

export function consoleLinkBody(url: string, expiresAt: number) {
  return { url, expires_at: timestamp(expiresAt) };
}
