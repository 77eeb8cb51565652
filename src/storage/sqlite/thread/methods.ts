import type { Storage } from '../../contracts/storage.ts';

/**
 * A method of the storage: the thread that carries it out, and the account whose share of the thread's time
 * it uses.
 */
interface Method<Args extends readonly unknown[]> {
  /**
   * The writer commits. The reader has a connection of its own, so that reading does not block committing. A
   * read sees all changes that were durable when it was called, if `needs` says so.
   */
  readonly thread: 'writer' | 'reader';
  /**
   * Returns the account on whose behalf the method is called. Accounts take turns. `null`: the service itself
   * calls the method. The writer carries out such a call before the calls of accounts.
   */
  readonly accountOf: ((...args: Args) => string) | null;
  /**
   * The writer's part before the reader begins, so that the reader sees what is in the journal. `commit`: SQLite commits;
   * the method reads the health of webhooks, or the usage of an account. `flush`: unwritten deliveries get rows, too; the
   * method reads deliveries, and rejects if that fails. The writer's own methods need neither.
   */
  readonly needs?: 'commit' | 'flush';
}

type MethodsOf<Store> = {
  readonly [Name in keyof Store]: Store[Name] extends (...args: infer Args) => unknown ? Method<Args> : never;
};

export type StoreName = Exclude<keyof Storage, 'close'>;

/** Stands for all operators, when they read or change what belongs to no single account. */
const OPERATORS = 'operators';

const operators = () => OPERATORS;
const first = (userId: string) => userId;
const owner = ({ userId }: { readonly userId: string }) => userId;

/** A method that only reads. @param accountOf `null`: the service itself calls the method */
function read<Args extends readonly unknown[]>(accountOf: Method<Args>['accountOf']): Method<Args> {
  return { thread: 'reader', accountOf };
}

/** A method that reads what the journal may contain. @param accountOf `null`: the service itself calls the method */
function readAfter<Args extends readonly unknown[]>(
  needs: 'commit' | 'flush',
  accountOf: Method<Args>['accountOf'],
): Method<Args> {
  return { thread: 'reader', accountOf, needs };
}

/** A method that changes something on behalf of an account. */
function write<Args extends readonly unknown[]>(accountOf: (...args: Args) => string): Method<Args> {
  return { thread: 'writer', accountOf };
}

/** A method that the service itself calls: it changes something, or it is called only at the start. */
const OWN = { thread: 'writer', accountOf: null } as const;

/** All methods of the storage. */
export const METHODS: { readonly [Name in StoreName]: MethodsOf<Storage[Name]> } = {
  accounts: {
    create: write(operators),
    find: read(null),
    findByEmail: read(null),
    list: read(operators),
    update: write(first),
    changePassword: write(first),
    rehashPassword: write(first),
    existing: read(null),
    any: OWN,
    usage: readAfter('commit', null),
  },
  apiKeys: {
    create: write(owner),
    list: read(first),
    findByPublicKey: read(null),
    rename: write(first),
    delete: write(first),
    touch: OWN,
  },
  consoleSessions: {
    create: write(owner),
    find: read(null),
    end: write(first),
    createLink: write(owner),
    redeemLink: write(operators),
  },
  webhooks: {
    create: write(owner),
    list: readAfter('commit', first),
    find: readAfter('commit', first),
    existedEver: read(first),
    addCheck: write(first),
    checks: read(first),
    update: write(first),
    rotateKeys: write(first),
    pause: write(first),
    resume: write(first),
    delete: write(first),
    cancelDeliveries: OWN,
    addHours: OWN,
    hours: read(first),
    removeHours: OWN,
  },
  media: {
    create: write(owner),
    reserveBytes: write(owner),
    find: read(first),
    findAny: read(null),
    list: read(first),
    findSome: read(first),
    update: write(first),
    delete: write(first),
    unfinished: OWN,
    statuses: OWN,
    all: read(null),
    saveProbe: OWN,
    setThumbnail: write(first),
    moveQuality: OWN,
  },
  events: { commit: OWN },
  deliveries: {
    list: readAfter('flush', first),
    find: readAfter('flush', first),
    story: readAfter('flush', first),
    resend: write(first),
  },
  bulkResends: {
    create: write(owner),
    list: read(first),
    running: OWN,
    advance: OWN,
  },
  queue: {
    claim: OWN,
    settle: OWN,
    release: OWN,
    releaseStaleClaims: OWN,
    nextDueAt: OWN,
    due: readAfter('flush', null),
    failingWebhooks: OWN,
    savedClock: OWN,
    saveClock: OWN,
  },
  retention: {
    removeEvents: OWN,
    removeWebhooks: OWN,
    deletedMedia: OWN,
    removeMedia: OWN,
    removeAuditRecords: OWN,
  },
  encryption: {
    reseal: OWN,
    retireKeys: OWN,
  },
  audit: {
    add: write(({ accountId }) => accountId ?? OPERATORS),
    list: read(({ of }) => (of === 'all' ? OPERATORS : (of.accountId ?? OPERATORS))),
  },
  usage: {
    encoded: read(null),
    reserveEncoded: OWN,
    saveEncoded: OWN,
    reserveThumbnail: write(owner),
    saveThumbnail: write(owner),
    unmeasured: OWN,
    saveMeasured: OWN,
    countOldRows: OWN,
  },
};

/** Names of the stores in `Storage`. */
export const STORE_NAMES = Object.keys(METHODS) as StoreName[];

/** A method whose arguments have no type, because they came as a message. */
export type AnyMethod = Method<readonly unknown[]>;

/** Returns the methods of a store by name. */
export function methodsOf(store: StoreName): Readonly<Record<string, AnyMethod>> {
  return METHODS[store] as unknown as Readonly<Record<string, AnyMethod>>;
}
