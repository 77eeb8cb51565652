import { addresses } from '../parsers/addresses.ts';
import { integer } from '../parsers/numbers.ts';
import { nonEmpty } from '../parsers/text.ts';
import { httpUrl } from '../parsers/urls.ts';
import { derived, setting } from './setting.ts';

export const SERVER_SETTINGS = {
  MEDIAHOOKS_HOST: setting({
    key: 'host',
    default: '127.0.0.1',
    description: 'Address to listen on.',
    parse: nonEmpty,
  }),
  MEDIAHOOKS_PORT: setting({
    key: 'port',
    default: '8080',
    description: 'TCP port to listen on; 0 selects any free port.',
    parse: integer(0, 65_535),
  }),
  MEDIAHOOKS_PUBLIC_URL: derived({
    key: 'publicUrl',
    default: 'http://host:port',
    description: 'URL at which clients reach the service. The links in media objects begin with it.',
    parse: httpUrl,
  }),
  MEDIAHOOKS_TRUST_PROXY: setting({
    key: 'trustProxy',
    default: '',
    description:
      'Reverse proxies whose X-Forwarded-For is trusted: IP addresses or networks in CIDR form, separated by commas, such as 127.0.0.1,10.1.0.0/16.',
    parse: addresses,
  }),
  MEDIAHOOKS_MAX_CONNECTIONS: setting({
    key: 'maxConnections',
    default: '10000',
    description:
      'Maximum number of open client connections; further connections are closed without an answer.',
    parse: integer(1, 1_000_000),
  }),
} as const;
