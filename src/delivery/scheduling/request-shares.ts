/**
 * Maximum number of requests in flight of one webhook, as a share of the free requests. The number of free
 * requests is `concurrency` minus the requests in flight of all webhooks. A webhook that is alone can reach
 * its own limit of ten if at least eighty requests are free. If a hundred webhooks all begin to hang within
 * the same second, 70 requests of the default 1,000 stay free for other webhooks; if two hundred begin to
 * hang, 30 stay free.
 */
export const MAX_SHARE_OF_FREE_REQUESTS = 1 / 8;
/**
 * Share of `concurrency` and of `concurrencyPerHost` that all suspect webhooks together can use at most. The
 * other half is for webhooks that are known to answer fast, and for the first request of each webhook. A
 * smaller share would leave more requests unused when all receivers are slow.
 */
export const SUSPECT_SHARE = 1 / 2;
/**
 * Share of `concurrency` that all webhooks together can use which are not known to answer fast: suspect ones,
 * and new ones. If thousands of webhooks are new and hang, as after their creation, the other quarter is left
 * to those that are known to answer. A smaller share would prolong the time in which new webhooks wait for
 * each other.
 */
export const UNPROVEN_SHARE = 3 / 4;

/** Returns a share of a number of requests: at least one. */
export function partOf(requests: number, share: number): number {
  return Math.max(1, Math.floor(requests * share));
}
