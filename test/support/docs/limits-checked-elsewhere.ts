/** Rows of docs/operating/held.md that other tests check, because they need a clock or the storage: the file, and the title of the test. */
export const CHECKED_ELSEWHERE: Record<string, readonly [file: string, title: string]> = {
  'files of media that are being sent': [
    'test/integration/http/sent-files.timed.test.ts',
    'files that are being sent are limited, and a client leaves as many to others as it has',
  ],
  'connections to receivers that are idle': [
    'test/integration/delivery/idle-connections.test.ts',
    'idle connections to all receivers are bounded, and those that were used last are kept',
  ],
  'live lists of deliveries': [
    'test/integration/webhooks/live-deliveries.test.ts',
    'an account has at most twenty streams, and a webhook of another account is not found',
  ],
  'what waits for a client of a live list': [
    'test/integration/http/slow-streams.test.ts',
    'a stream whose client takes nothing is ended when a mebibyte waits for it',
  ],
  'changes that are kept for live lists': [
    'src/webhooks/live/account-feed.test.ts',
    'all feeds together keep a bounded number of changes, and a feed that has ended keeps none',
  ],
  'requests to receivers in progress': [
    'test/integration/delivery/isolation.timed.test.ts',
    'many webhooks of one host have at most its cap of requests there',
  ],
  'answer of a receiver': [
    'test/integration/delivery/receivers.timed.test.ts',
    '64 KiB of a body are read, and the first byte beyond ends the reading',
  ],
  'sessions in the web console': [
    'test/conformance/console-sessions.ts',
    'are bounded for each account: the expired and the oldest give way',
  ],
  'links to the web console that were not used': [
    'test/conformance/console-sessions.ts',
    'are bounded for each account: the oldest gives way',
  ],
  'lists in progress, and waiting': [
    'test/integration/http/large-lists.test.ts',
    'lists of an account wait beyond a number, and are refused beyond another; those of others are not',
  ],
  'passwords that wait to be checked': [
    'src/accounts/passwords.test.ts',
    'many hashes at once do not stop the event loop, and too many are refused',
  ],
  'parts that are being received': [
    'test/integration/media/parts-in-flight.test.ts',
    'a part that does not fit is refused while it arrives, and so are several together',
  ],
  'byte ranges that are being received': [
    'test/integration/media/parts-in-flight.test.ts',
    'a byte range is received at most three times at the same time',
  ],
  'pictures in progress': [
    'test/integration/media/turns.slow.test.ts',
    'however many thumbnails are set, few are converted at once, and accounts do not wait for others',
  ],
  'requests that wait for the database': [
    'src/storage/sqlite/thread/threads.test.ts',
    'calls above the maximum that may wait are refused, of that account alone',
  ],
  'checks of webhooks in progress': [
    'test/integration/webhooks/webhook-check.test.ts',
    'checks run ten at a time for an account, and within the limit of requests to one receiver',
  ],
  'kept checks of a webhook': [
    'test/integration/webhooks/webhook-check.test.ts',
    'the newest twenty checks of a webhook are kept, and end with the webhook',
  ],
  'kept revisions of a webhook': [
    'test/conformance/deliveries/revisions.ts',
    'are limited: the newest twenty are kept',
  ],
  'pending deliveries of a paused webhook': [
    'test/conformance/retention.ts',
    'what waits for a webhook that is paused for too long ends as failed, and stays as long again',
  ],
  'encoded files of a quality': [
    'src/media/encoding/disk-guard.test.ts',
    'many small files together may exceed the limit',
  ],
  'thumbnails of a media': [
    'src/media/encoding/derived-files.slow.test.ts',
    'a thumbnail is a JPEG of at most 1280 pixels, as the video is displayed',
  ],
  'segments of a quality': [
    'src/media/encoding/plan/plan-rendition.test.ts',
    'the segments of a long media are longer than requested, but never too many',
  ],
  'bulk resends that have ended': [
    'src/storage/sqlite/large-data.timed.test.ts',
    'a webhook keeps a hundred bulk resends that have ended',
  ],
  'records of refused sign-ins': [
    'test/conformance/audit/audit.ts',
    'at most a hundred refused sign-ins to an account are recorded within an hour',
  ],
};
