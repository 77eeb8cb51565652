import { encryptionKey } from '../parsers/encryption-key.ts';
import { days } from '../parsers/numbers.ts';
import { nonEmpty } from '../parsers/text.ts';
import { storageUrl } from '../parsers/urls.ts';
import { derived, optionalSecret, setting } from './setting.ts';

export const STORAGE_SETTINGS = {
  MEDIAHOOKS_DATA_DIR: setting({
    key: 'dataDir',
    default: './data',
    description: 'Folder for the database, keys and media files.',
    parse: nonEmpty,
  }),
  MEDIAHOOKS_DATABASE_URL: derived({
    key: 'databaseUrl',
    default: 'file:…/mediahooks.sqlite in the data folder',
    description: 'The file: URL of the SQLite database that stores accounts, events and deliveries.',
    parse: storageUrl,
  }),
  MEDIAHOOKS_ENCRYPTION_KEY: optionalSecret({
    key: 'encryptionKey',
    description:
      'Key that encrypts secrets and header values: 32 bytes in base64, or the file: URL of a file that holds them. An older key, which is still needed to decrypt, may follow after a comma. If no key is set, the first start creates one in the data folder.',
    parse: encryptionKey,
  }),
  MEDIAHOOKS_RETENTION_DAYS: setting({
    key: 'retentionMs',
    default: '30',
    description: 'Days for which events and ended deliveries are kept; 0 keeps them forever.',
    parse: days,
  }),
  MEDIAHOOKS_AUDIT_RETENTION_DAYS: setting({
    key: 'auditRetentionMs',
    default: '365',
    description: 'Days for which audit records are kept; 0 keeps them forever.',
    parse: days,
  }),
} as const;
