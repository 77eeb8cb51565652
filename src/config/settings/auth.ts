import { OWN_ISSUER } from '../../domain/account.ts';
import { nonEmpty, nonEmptyExcept } from '../parsers/text.ts';
import { jwksUrl } from '../parsers/urls.ts';
import { optional, setting } from './setting.ts';

/** Settings of the identity provider whose tokens the API accepts. */
export const AUTH_SETTINGS = {
  MEDIAHOOKS_JWKS_URL: optional({
    key: 'jwksUrl',
    description:
      'URL at which your identity provider publishes the keys of its tokens. The API accepts these tokens in addition to its own. It must be https, or http on this machine.',
    parse: jwksUrl,
  }),
  MEDIAHOOKS_JWT_ISSUER: optional({
    key: 'jwtIssuer',
    description: "Issuer (iss) of the identity provider's tokens; required with MEDIAHOOKS_JWKS_URL.",
    // The service's own issuer name is refused, because a provider with this name could sign tokens that look
    // like the service's own tokens.
    parse: nonEmptyExcept(OWN_ISSUER),
  }),
  MEDIAHOOKS_JWT_AUDIENCE: optional({
    key: 'jwtAudience',
    description:
      "Audience (aud) of the identity provider's tokens that are meant for Mediahooks; required with MEDIAHOOKS_JWKS_URL.",
    parse: nonEmpty,
  }),
  MEDIAHOOKS_JWT_ACCOUNT_CLAIM: setting({
    key: 'jwtAccountClaim',
    default: 'sub',
    description:
      'Claim that names the account by its user_id; the claim email names it by its email address.',
    parse: nonEmpty,
  }),
} as const;
