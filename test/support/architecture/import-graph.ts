import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Functions that read the imports of the repository's TypeScript files and find cycles among them. */

const root = new URL('../../../', import.meta.url).pathname;

/** Import of the file `to` by the file `from`. Both paths are relative to the root of the repository. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

/**
 * Pattern for `import … from './x.ts'`, `export … from './x.ts'`, `import './x.ts'` and `import('./x.ts')`,
 * with or without `type`.
 */
const IMPORT =
  /^(?:import|export\b[^'";]*?\bfrom|import\b[^'";]*?\bfrom)\s+'(\.[^']+)'|\bimport\(\s*'(\.[^']+)'\s*\)/gm;

/**
 * Returns the imports of other files of the repository in `source`, the text of `file`. Imports of types
 * count.
 */
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

/** Returns all imports in `files`. */
export function readImports(files: readonly string[]): Import[] {
  return files.flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')));
}

/** Returns the node of the graph to which a file belongs: the file itself, or its folder. */
export type NodeOf = (file: string) => string;

/**
 * Returns cycles among the nodes, as text with every import that is part of the cycle. Each node that is in a
 * cycle is in one of the returned cycles. They are the shortest cycles through their first nodes. Imports
 * within one node are left out.
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

/** Imports between two nodes, by the importing node and then by the imported node. */
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

/**
 * Searches breadth first. Returns the nodes of the shortest cycle through `start`; the first and the last
 * node are `start`. `null`: there is no cycle.
 */
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
