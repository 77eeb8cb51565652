import { networkInterfaces } from 'node:os';
import { ProxyError } from '../egress/proxy-error.ts';

/**
 * Causes on our own side for which a request can't be sent. Such a failure says nothing about the receiver:
 * it uses up no attempt, and the delivery waits until the cause is gone.
 */
export const OWN_CAUSES = {
  descriptors: 'this process or this machine has no file descriptor left',
  memory: 'this machine has no memory left for a connection',
  ports: 'this machine has no local port left for a connection to this receiver',
  disk: 'a disk of this machine is full',
  network: 'the network of this machine is down',
  'name server': "this machine's name server can not be reached",
  proxy: 'the egress proxy can not be reached, or refuses the credentials of this service',
} as const;
export type OwnCause = keyof typeof OWN_CAUSES;

/**
 * Error codes of Node and of `NameError` that have a cause on our own side. Every other code counts as a
 * failure of the receiver. docs/operating/own-causes.md has the same table; a test compares the two.
 */
export const OWN_CODES: Readonly<Record<string, OwnCause>> = {
  EMFILE: 'descriptors',
  ENFILE: 'descriptors',
  ENOMEM: 'memory',
  ENOBUFS: 'memory',
  EADDRNOTAVAIL: 'ports',
  EADDRINUSE: 'ports',
  EAGAIN: 'ports',
  ENOSPC: 'disk',
  EDQUOT: 'disk',
  ENETDOWN: 'network',
  NAME_SERVER_UNREACHABLE: 'name server',
};

/** Error codes that only say that this machine has no way to an address. */
const NO_ROUTE_CODES: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Returns the cause on our own side that made an exchange fail. `null`: the cause is not on our side. */
export function ownCauseOf(error: unknown): OwnCause | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof ProxyError && error.isOwn) return ownCauseOf(error.cause) ?? 'proxy';
  if (error instanceof AggregateError) return ownCauseOfAll(error.errors);
  const { code = '', cause } = error as NodeJS.ErrnoException;
  // Looks at the cause first, because it is the more precise of the two.
  const own = ownCauseOf(cause) ?? OWN_CODES[code];
  if (own === undefined) return null;
  return code === 'EADDRNOTAVAIL' && !hasSourceFor(error) ? null : own;
}

/**
 * Returns the own cause of a connection that failed at each address of a name. If one of the addresses was
 * reached, the failure is the receiver's.
 */
function ownCauseOfAll(errors: readonly unknown[]): OwnCause | null {
  const causes = errors.map(ownCauseOf);
  const isReached = errors.some(
    (error, index) =>
      causes[index] === null && !NO_ROUTE_CODES.has((error as NodeJS.ErrnoException).code ?? ''),
  );
  return isReached ? null : (causes.find((cause) => cause !== null) ?? null);
}

/**
 * Returns whether this machine has an address from which the address of a failed connection could be reached.
 * A machine without IPv6 reports EADDRNOTAVAIL for each IPv6 address, which must not be taken for a lack of
 * ports.
 */
function hasSourceFor(error: Error): boolean {
  const { address = '' } = error as { address?: string };
  const family = address.includes(':') ? 'IPv6' : 'IPv4';
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(
      (own) => own.family === family && (family === 'IPv4' || own.internal || !isLinkLocal(own.address)),
    ),
  );
}

function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}
