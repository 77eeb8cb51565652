import { limit } from '../parsers/numbers.ts';
import { rate } from '../parsers/rate.ts';
import { setting } from './setting.ts';

/** Limits on the requests and the stored objects of one account or one client address. */
export const LIMIT_SETTINGS = {
  MEDIAHOOKS_RATE_LIMIT_ACCOUNT: setting({
    key: 'accountRate',
    default: '500:5000',
    description: 'Maximum requests of one account, per second and at once (rate:burst); off for no limit.',
    parse: rate,
  }),
  MEDIAHOOKS_RATE_LIMIT_ADDRESS: setting({
    key: 'addressRate',
    default: '1000:10000',
    description:
      'Maximum requests from one IPv4 address or one IPv6 /64 network, per second and at once (rate:burst); off for no limit.',
    parse: rate,
  }),
  MEDIAHOOKS_RATE_LIMIT_UNAUTHORIZED: setting({
    key: 'unauthorizedRate',
    default: '0.2:50',
    description:
      'Maximum requests that are answered 401, from one IPv4 address or one IPv6 /64 network, per second and at once (rate:burst). It prevents the guessing of keys and passwords; off for no limit.',
    parse: rate,
  }),
  MEDIAHOOKS_MAX_WEBHOOKS: setting({
    key: 'maxWebhooks',
    default: '100',
    description: 'Maximum number of webhooks of one account; 0 for no limit.',
    parse: limit,
  }),
  MEDIAHOOKS_MAX_API_KEYS: setting({
    key: 'maxApiKeys',
    default: '100',
    description: 'Maximum number of API keys of one account; 0 for no limit.',
    parse: limit,
  }),
  MEDIAHOOKS_MAX_OPEN_UPLOADS: setting({
    key: 'maxOpenUploads',
    default: '1000',
    description: 'Maximum number of media of one account whose upload is not complete; 0 for no limit.',
    parse: limit,
  }),
  MEDIAHOOKS_MAX_UNFINISHED_MEDIA: setting({
    key: 'maxUnfinishedMedia',
    default: '10000',
    description:
      'Maximum number of media of one account that were received and whose encoding has not ended; no media can be created while there are as many; 0 for no limit.',
    parse: limit,
  }),
  MEDIAHOOKS_MAX_ACCOUNT_BYTES: setting({
    key: 'maxAccountBytes',
    default: '0',
    description: 'Maximum bytes of media that one account has uploaded and not deleted; 0 for no limit.',
    parse: limit,
  }),
  MEDIAHOOKS_MAX_ACCOUNT_ENCODED_BYTES: setting({
    key: 'maxAccountEncodedBytes',
    default: '0',
    description:
      'Maximum bytes that the encoded files and thumbnails of one account take; a media that needs more ends as `fail`; 0 for no limit.',
    parse: limit,
  }),
  MEDIAHOOKS_MAX_RECORD_BYTES: setting({
    key: 'maxRecordBytes',
    default: '10737418240',
    description:
      'Maximum bytes that one account takes in the database: media, their events and deliveries, attempts, and audit records (10 GiB); 0 for no limit.',
    parse: limit,
  }),
} as const;
