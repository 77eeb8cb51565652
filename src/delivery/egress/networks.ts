import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Network: one of its addresses, and the number of leading bits that all addresses of the network share. */
export type Network = readonly [Address, bits: number];

/** Parses networks in CIDR form. @throws TypeError that names the first malformed network */
export function parseNetworks(texts: readonly string[]): Network[] {
  return texts.map(parseNetwork);
}

function parseNetwork(cidr: string): Network {
  try {
    const [address, bits] = ipaddr.parseCIDR(cidr);
    // Converts an IPv4-mapped IPv6 network to an IPv4 network, because `ipaddr.process` converts addresses in
    // the same way.
    if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96)
      return [address.toIPv4Address(), bits - 96];
    return [address, bits];
  } catch (cause) {
    throw new TypeError(
      `expected networks in CIDR form, such as 10.0.0.0/8, fd00::/8 or 127.0.0.1/32, but ${cidr} is not one`,
      { cause },
    );
  }
}

export function contains(network: Network, address: Address): boolean {
  return network[0].kind() === address.kind() && address.match(network as [never, number]);
}
