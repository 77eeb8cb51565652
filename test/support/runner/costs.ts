/**
 * Seconds that the expensive test files take, roughly, on a machine with two cores on which others run at the same time.
 * Only the balance of the groups depends on these numbers. A file that is missing here and takes long unbalances them.
 */
export const COSTS: Readonly<Record<string, number>> = {
  'test/crash/publishing.test.ts': 70,
  'test/fuzz/fuzzing.test.ts': 60,
  'test/media/corpus.slow.test.ts': 50,
  'test/crash/encoding.test.ts': 30,
  'test/crash/clean-stops.test.ts': 30,
  'test/crash/troubles.test.ts': 30,
  'test/integration/delivery/hostile-receivers.timed.test.ts': 30,
  'test/integration/media/players.slow.test.ts': 25,
  'test/crash/shutdown.test.ts': 24,
  'src/media/encoding/encode-quality.slow.test.ts': 20,
  'test/crash/clock-changes.test.ts': 20,
  'test/crash/full-disk.test.ts': 19,
  'test/crash/backup.test.ts': 18,
  'test/integration/media/hostile-media.test.ts': 16,
  'test/conformance/sqlite.test.ts': 15,
  'test/crash/audit.test.ts': 15,
  'test/crash/encryption.test.ts': 14,
  'test/crash/sending.timed.test.ts': 14,
  'test/crash/upload.test.ts': 13,
  'test/integration/accounts/access-matrix.test.ts': 13,
  'src/storage/sqlite/large-data.timed.test.ts': 12,
  'test/crash/upgrade.test.ts': 12,
  'test/integration/accounts/sign-in-times.timed.test.ts': 12,
  'test/integration/media/turns.slow.test.ts': 12,
  'test/integration/webhooks/retry-spacing.timed.test.ts': 12,
  'test/integration/webhooks/retry-schedules.timed.test.ts': 11,
  'test/docs/demo.slow.test.ts': 11,
  'src/media/encoding/source/probe.slow.test.ts': 10,
  'src/delivery/scheduling/isolation-simulation.slow.test.ts': 9,
  'src/media/encoding/derived-files.slow.test.ts': 9,
  'test/integration/media/encoders.test.ts': 9,
  'src/media/encoding/run-job.test.ts': 8,
  'src/platform/process/idle-memory.timed.test.ts': 8,
  'test/conformance/sqlite-thread.slow.test.ts': 8,
  'test/crash/syncs.test.ts': 8,
  'test/integration/media/upload-memory.timed.test.ts': 8,
  'test/integration/media/uploads.test.ts': 8,
  'test/integration/service/health.timed.test.ts': 8,
  'test/integration/service/refused-data.test.ts': 8,
  'test/integration/delivery/egress-rules.test.ts': 7,
  'test/integration/delivery/egress-proxy.timed.test.ts': 7,
  'test/integration/http/large-bodies.timed.test.ts': 7,
  'test/integration/media/audio.test.ts': 6,
  'test/integration/media/thumbnails.test.ts': 6,
  'test/integration/service/start-clean-up.test.ts': 6,
  'test/integration/delivery/egress-proxy-service.test.ts': 5,
  'test/integration/commands/account-commands.test.ts': 4,
  'test/integration/commands/audit-commands.test.ts': 4,
  'test/integration/webhooks/signatures.test.ts': 4,
};

/** Returns the seconds that a test file takes: those of the list, or those of most files of its kind. */
export function costOf(file: string): number {
  return (
    COSTS[file] ??
    (/^test\/crash\/|\.(?:slow|timed)\.test\.ts$/.test(file) ? 5 : file.startsWith('src/') ? 0.3 : 1.5)
  );
}
