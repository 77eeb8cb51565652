import ipaddr from 'ipaddr.js';
import { parseNetworks } from '../../delivery/egress/networks.ts';
import { commaSeparated } from './text.ts';

/** Parses networks in CIDR form, separated by commas. */
export function networks(text: string): string[] {
  const list = commaSeparated(text);
  parseNetworks(list);
  return list;
}

/** Parses IP addresses and networks in CIDR form, separated by commas. */
export function addresses(text: string): string[] {
  const list = commaSeparated(text);
  for (const part of list) {
    // Accepts IPv4 addresses only with four decimal numbers, because programs disagree about the meaning of
    // shorter and octal forms.
    const isAddress = ipaddr.IPv4.isValidFourPartDecimal(part) || ipaddr.IPv6.isValid(part);
    if (!isAddress && !ipaddr.isValidCIDR(part))
      throw new TypeError(
        `expected IP addresses or networks in CIDR form, separated by commas; ${part} is neither`,
      );
  }
  return list;
}
