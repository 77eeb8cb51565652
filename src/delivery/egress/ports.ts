/** Rule that returns whether webhooks are allowed to use a port. */
export type PortRule = (port: number) => boolean;

/**
 * Ports that browsers refuse (WHATWG Fetch, "bad port"), in ascending order. A server on such a port might
 * interpret the text of an HTTP request as commands of its protocol.
 */
const REFUSED_BY_BROWSERS = [
  ...[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
    104,
  ],
  ...[
    109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
  ],
  ...[526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049],
  ...[3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080],
];

/**
 * Ports that this service refuses although browsers allow them: ports of file shares, databases, caches,
 * queues and remote control.
 */
const REFUSED_BY_US = [
  ...[445, 1433, 1521, 2375, 2376, 2379, 2380, 3306, 3389, 5432, 5672, 5900, 5984, 6379, 6443],
  ...[9042, 9092, 9200, 9300, 10_250, 11_211, 27_017],
];

const REFUSED: ReadonlySet<number> = new Set([...REFUSED_BY_BROWSERS, ...REFUSED_BY_US]);

/** Refused ports in ascending order. docs/operating/egress.md lists these ports. */
export const REFUSED_PORTS: readonly number[] = [...REFUSED].toSorted((a, b) => a - b);

/** Allows all ports except `REFUSED_PORTS`. */
export const ORDINARY_PORTS: PortRule = (port) => !REFUSED.has(port);

const MAX_PORT = 65_535;

/**
 * Parses ports and ranges of ports, such as `443,8000-8999`. An empty text means `ORDINARY_PORTS`.
 * @throws TypeError if the text is malformed
 */
export function parsePorts(text: string): PortRule {
  if (text === '') return ORDINARY_PORTS;
  const ranges = text.split(',').map(parseRange);
  return (port) => ranges.some(([from, to]) => port >= from && port <= to);
}

function parseRange(text: string): [from: number, to: number] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.trim());
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? from);
  if (!(from >= 1 && from <= to && to <= MAX_PORT)) {
    throw new TypeError('expected ports and ranges of ports, comma-separated, such as 443,8000-8999');
  }
  return [from, to];
}
