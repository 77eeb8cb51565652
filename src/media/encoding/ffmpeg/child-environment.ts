/**
 * What a program needs to be found and to run: its own and its libraries' places, and one for temporary files. The
 * service's own settings hold secrets, and what else is there may change how ffmpeg works (FFREPORT writes files).
 */
const HANDED_ON = ['PATH', 'LD_LIBRARY_PATH', 'TMPDIR'];

/** The whole environment of a child. Messages are in English, as they are read. */
export function childEnvironment(ours: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept = HANDED_ON.flatMap((name) => (ours[name] === undefined ? [] : [[name, ours[name]]]));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}
