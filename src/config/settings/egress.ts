import { parsePorts } from '../../delivery/egress/ports.ts';
import { EgressProxy } from '../../delivery/egress/proxy.ts';
import { networks } from '../parsers/addresses.ts';
import { boolean } from '../parsers/text.ts';
import { optionalSecret, setting } from './setting.ts';

export const EGRESS_SETTINGS = {
  MEDIAHOOKS_EGRESS_ALLOW: setting({
    key: 'egressAllow',
    default: '',
    description:
      'Private networks that webhooks may reach: networks in CIDR form, separated by commas, such as 10.1.0.0/16,fd00::/8.',
    parse: networks,
  }),
  MEDIAHOOKS_EGRESS_PORTS: setting({
    key: 'egressPorts',
    default: '',
    description:
      'The only ports that webhooks may use, such as 443,8000-8999. If it is empty, webhooks may use every port that does not belong to another protocol.',
    parse: parsePorts,
  }),
  MEDIAHOOKS_HTTPS_ONLY: setting({
    key: 'httpsOnly',
    default: 'false',
    description: 'Whether webhooks must use https: true or false.',
    parse: boolean,
  }),
  MEDIAHOOKS_EGRESS_PROXY: optionalSecret({
    key: 'egressProxy',
    description:
      'Forward proxy through which all webhooks are sent: its http or https URL, with credentials if the proxy requires them.',
    parse: EgressProxy.parse,
  }),
} as const;
