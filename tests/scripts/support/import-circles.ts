/** Circles of imports: files that nobody can read, or change, one after the other. */
import { join } from 'node:path';
import { importsOf } from './imports.ts';
import { sourceFiles } from './import-table.ts';

/**
 * Every group of files below `src/` that import each other in a circle, in the order of their names. Imports of types count:
 * who reads a file follows them as well. `import()` of a module does not: it is how one page brings another when it is
 * wanted, and what is brought has to know the types of whoever waits for it.
 */
export function importCircles(root: string): string[][] {
  const files = new Set(sourceFiles(root));
  const targets = new Map(
    [...files].map((file) => {
      const eager = importsOf(root, join(root, file)).filter(({ dynamic }) => !dynamic);
      return [file, eager.map(({ target }) => target).filter((target) => files.has(target))];
    }),
  );
  return circlesIn(targets);
}

/** The strongly connected components of more than one node (Tarjan 1972); a node that points to itself is one, too. */
export function circlesIn(targets: ReadonlyMap<string, readonly string[]>): string[][] {
  const places = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): number => {
    const place = places.size;
    places.set(node, place);
    path.push(node);
    let low = place;
    for (const target of targets.get(node) ?? []) {
      if (!places.has(target)) low = Math.min(low, visit(target));
      else if (path.includes(target)) low = Math.min(low, lowest.get(target) ?? places.get(target) ?? place);
    }
    lowest.set(node, low);
    if (low < place) return low;
    const members = path.splice(path.indexOf(node));
    if (members.length > 1 || targets.get(node)?.includes(node)) circles.push(members.sort());
    return low;
  };
  for (const node of targets.keys()) if (!places.has(node)) visit(node);
  return circles;
}
