/**
 * Finds the libraries of a program that are worth loading first. Debian's ffmpeg consists of two hundred shared
 * libraries, and when it starts, the dynamic linker searches them in order for each of forty thousand names. That takes
 * 0.07 s of CPU. Libraries that `LD_PRELOAD` names are searched first: if these are the ones that define most names, a
 * start takes 0.045 s.
 */
import { spawnSync } from 'node:child_process';

/** Number of libraries to try. More of them save little. */
const TRIED = 60;
/** Maximum number of corrections of the order. */
const CORRECTIONS = 14;

/** Libraries to which names are bound, by the library that uses the name and by the name itself. */
type Bindings = ReadonlyMap<string, string>;

/**
 * Returns paths of libraries for `LD_PRELOAD`, with which `program` starts faster, and binds each name to the same
 * library as without them. So the program does exactly the same. Returns none if the dynamic linker doesn't tell, for
 * example because the program is linked statically.
 */
export function earlyLibraries(program: string): readonly string[] {
  const usual = bindingsOf(program, { LD_BIND_NOW: '1' });
  let libraries = mostUsed(bindingsOf(program, {}), program);
  for (let correction = 0; correction <= CORRECTIONS; correction += 1) {
    const now = bindingsOf(program, { LD_BIND_NOW: '1', LD_PRELOAD: libraries.join(' ') });
    const wronged = wrongedBy(usual, now);
    if (wronged.size === 0) return libraries;
    // A library that another one precedes although it usually comes first is loaded before the other one, too.
    const corrected = libraries.flatMap((library) => [...(wronged.get(library) ?? []), library]);
    libraries = [...new Set(corrected)];
  }
  return [];
}

/** Returns the libraries that define most names, without the program itself. */
function mostUsed(bindings: Bindings, program: string): readonly string[] {
  const counts = new Map<string, number>();
  for (const target of bindings.values()) counts.set(target, (counts.get(target) ?? 0) + 1);
  return [...counts]
    .filter(([target]) => target.startsWith('/') && target !== program)
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, TRIED)
    .map(([target]) => target);
}

/**
 * Returns the libraries to which names are usually bound, by the library to which the same names are bound now. Names that
 * are bound as usual are left out.
 */
function wrongedBy(usual: Bindings, now: Bindings): ReadonlyMap<string, ReadonlySet<string>> {
  const wronged = new Map<string, Set<string>>();
  for (const [name, library] of usual) {
    const other = now.get(name);
    if (other === undefined || other === library) continue;
    wronged.set(other, (wronged.get(other) ?? new Set()).add(library));
  }
  return wronged;
}

/** Returns how the dynamic linker of glibc binds the names of a program that starts with the environment `env`. */
function bindingsOf(program: string, env: Record<string, string>): Bindings {
  const { stderr } = spawnSync(program, ['-version'], {
    env: { ...env, LD_DEBUG: 'bindings' },
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const lines = stderr.matchAll(/binding file (\S+) \[0\] to (\S+) \[0\]: \w+ (symbol \S+'(?: \[\S+\])?)/g);
  return new Map(lines.map(([, user, target = '', symbol]) => [`${user} ${symbol}`, target]));
}
