import type { Settlement } from '../../../../domain/delivery.ts';
import type { Committed, EventStore, Publication } from '../../../contracts/events.ts';
import { CommittedPacker, CommittedUnpacker, type PackedCommitted } from './committed.ts';
import { packPublications, unpackPublications } from './publications.ts';
import { packSettlements, unpackSettlements } from './settlements.ts';

/**
 * The two calls that each delivery needs are packed for their way between the threads. V8 copies an object by writing
 * and reading the name of each property, which costs more than the values: packed, the messages of a delivery cost
 * half as much CPU time. Other calls are copied as they are.
 */

/** The packing of a method's calls in the thread that makes them. */
export interface CallerPacking {
  packArgs(args: readonly unknown[]): unknown[];
  unpackAnswer(answer: unknown, args: readonly unknown[]): unknown;
}

/** The packing of a method's calls in the thread that carries them out. */
export interface CarrierPacking {
  unpackArgs(args: readonly unknown[]): unknown[];
  packAnswer(answer: unknown, args: readonly unknown[]): unknown;
}

const same = (answer: unknown) => answer;

/** Returns how the calls of each method are packed, by store and method, for one thread that carries them out. */
export function callerPackings(): ReadonlyMap<string, CallerPacking> {
  const committed = new CommittedUnpacker();
  return new Map<string, CallerPacking>([
    [
      'events.commit',
      {
        packArgs: ([publications, ...rest]) => [packPublications(publications as Publication[]), ...rest],
        unpackAnswer: (answer, args) => {
          const [publications, now] = args as Parameters<EventStore['commit']>;
          return committed.unpack(answer as PackedCommitted, publications, now);
        },
      },
    ],
    [
      'queue.settle',
      {
        packArgs: ([settlements, ...rest]) => [packSettlements(settlements as Settlement[]), ...rest],
        unpackAnswer: same,
      },
    ],
  ]);
}

/** Returns the counterpart of `callerPackings` for the thread that carries out the calls. */
export function carrierPackings(): ReadonlyMap<string, CarrierPacking> {
  const committed = new CommittedPacker();
  return new Map<string, CarrierPacking>([
    [
      'events.commit',
      {
        unpackArgs: ([values, ...rest]) => [unpackPublications(values as unknown[]), ...rest],
        packAnswer: (answer, args) => committed.pack(answer as Committed, args[0] as Publication[]),
      },
    ],
    [
      'queue.settle',
      {
        unpackArgs: ([values, ...rest]) => [unpackSettlements(values as unknown[]), ...rest],
        packAnswer: same,
      },
    ],
  ]);
}
