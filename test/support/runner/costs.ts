/**
 * Seconds that the expensive test files take, roughly, on a machine with two cores. Only the balance of the groups
 * depends on these numbers.
 */
export const COSTS: Readonly<Record<string, number>> = {
  'test/crash/publishing.test.ts': 70,
  'test/fuzz/fuzzing.test.ts': 60,
  'test/integration/delivery/hostile-receivers.timed.test.ts': 36,
  'test/crash/clean-stops.test.ts': 30,
  'test/crash/troubles.test.ts': 30,
  'test/crash/encoding.test.ts': 26,
  'test/crash/shutdown.test.ts': 20,
  'test/conformance/sqlite.test.ts': 15,
  'test/crash/clock-changes.test.ts': 20,
  'test/crash/audit.test.ts': 15,
  'test/crash/backup.test.ts': 15,
  'test/crash/encryption.test.ts': 14,
  'test/crash/full-disk.test.ts': 15,
  'test/crash/upload.test.ts': 13,
  'test/integration/accounts/access-matrix.test.ts': 12,
  'test/crash/sending.timed.test.ts': 12,
  'test/integration/webhooks/retry-spacing.timed.test.ts': 12,
};

/** Returns the seconds that a test file takes: those of the list, or those of most files of its kind. */
export function costOf(file: string): number {
  return (
    COSTS[file] ??
    (/^test\/crash\/|\.(?:slow|timed)\.test\.ts$/.test(file) ? 5 : file.startsWith('src/') ? 0.3 : 1.5)
  );
}
