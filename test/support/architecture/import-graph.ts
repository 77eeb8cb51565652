import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The imports of the repository's TypeScript files, and the cycles among them. */

const root = new URL('../../../', import.meta.url).pathname;

/** An import of one file of the repository by another; both paths begin at the repository's root. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

/** `import … from './x.ts'`, `export … from './x.ts'`, `import './x.ts'` and `import('./x.ts')`, with or without `type`. */
const IMPORT =
  /^(?:import|export\b[^'";]*?\bfrom|import\b[^'";]*?\bfrom)\s+'(\.[^']+)'|\bimport\(\s*'(\.[^']+)'\s*\)/gm;

/** Returns the imports in `source`, the text of `file`, of other files of the repository. Imports of types count. */
export function importsOf(file: string, source: string): Import[] {
  return Array.from(source.matchAll(IMPORT), ([, declared, called]) => ({
    from: file,
    to: join(dirname(file), declared ?? called ?? ''),
  }));
}

/** Returns the paths of the files that match `pattern` and are neither tests nor support of tests. */
export function sourcesOf(pattern: string): string[] {
  return globSync(pattern, { cwd: root })
    .filter((file) => !file.endsWith('.test.ts') && !file.includes('/testing/'))
    .toSorted();
}

/** Returns all imports that `files` make. */
export function readImports(files: readonly string[]): Import[] {
  return files.flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')));
}

/** Names what a cycle is searched among: the file itself, or its folder. */
export type NodeOf = (file: string) => string;

/**
 * Returns cycles among nodes, so that each node that is in any is in one of them: the shortest one, with every import
 * that makes it, as text. Imports within one node are left out.
 */
export function cyclesOf(imports: readonly Import[], nodeOf: NodeOf): string[] {
  const edges = edgesOf(imports, nodeOf);
  const reported = new Set<string>();
  return [...edges.keys()].toSorted().flatMap((node) => {
    if (reported.has(node)) return [];
    const cycle = shortestCycle(edges, node) ?? [];
    for (const member of cycle) reported.add(member);
    return cycle.length > 0 ? [described(edges, cycle)] : [];
  });
}

/** Imports between two nodes, by the importing node and the imported one. */
type Edges = ReadonlyMap<string, ReadonlyMap<string, readonly Import[]>>;

function edgesOf(imports: readonly Import[], nodeOf: NodeOf): Edges {
  const edges = new Map<string, Map<string, Import[]>>();
  for (const each of imports) {
    const [from, to] = [nodeOf(each.from), nodeOf(each.to)];
    if (from === to) continue;
    const targets = edges.get(from) ?? new Map<string, Import[]>();
    edges.set(from, targets.set(to, [...(targets.get(to) ?? []), each]));
  }
  return edges;
}

/** Searches breadth first. Returns the nodes of the shortest cycle through `start`, which is its first and last; `null`: none. */
function shortestCycle(edges: Edges, start: string): string[] | null {
  const paths = [[start]];
  const seen = new Set<string>();
  for (const path of paths) {
    for (const next of edges.get(path.at(-1) ?? '')?.keys() ?? []) {
      if (next === start) return [...path, next];
      if (seen.has(next)) continue;
      seen.add(next);
      paths.push([...path, next]);
    }
  }
  return null;
}

function described(edges: Edges, cycle: readonly string[]): string {
  const imports = cycle.slice(1).flatMap((to, index) => edges.get(cycle[index] ?? '')?.get(to) ?? []);
  return [cycle.join(' → '), ...imports.map(({ from, to }) => `  ${from} imports ${to}`)].join('\n');
}
