/** The paths that a written page names, and which of them lead nowhere. */
import { posix } from 'node:path';

/** Where a path on a page may begin. */
const ROOTS = ['', 'src/', 'src/lib/', 'src/server/', 'tests/'];
/** How names of this project's files end; what users save (`.json`, `.ndjson`) is not one. */
const FILE = /\.(ts|mjs|js|svelte|css|md|toml|sql|po|html)$/;
/** What stands in a path: brackets are SvelteKit's parameters, stars stand for any name. */
const PATH = /^[\w.*[\]+-]+(\/[\w.*[\]+-]+)*$/;

/**
 * Names and links on a page for which there is no file. `files` are all files of the project; a path may be that of a
 * folder, and that of a test may be without its ending.
 */
export function deadPaths(page: string, text: string, files: readonly string[]): string[] {
  const leads = (path: string) => {
    const inside = new RegExp(`^${patternOf(path)}(/|$|\\.test\\.ts$)`);
    return files.some((file) => inside.test(file));
  };
  const isHere = (path: string) =>
    path.includes('/') ? ROOTS.some((root) => leads(root + path)) : leads(`**/${path}`) || leads(path);
  const isOurs = (path: string) =>
    FILE.test(path) || (path.includes('/') && ROOTS.some((root) => leads(root + path.split('/')[0])));
  const named = pathsIn(text).filter((path) => isOurs(path) && !isHere(path));
  const linked = linksIn(text).filter((link) => !leads(posix.join(posix.dirname(page), link)));
  return [...new Set([...named, ...linked])];
}

/** What looks like a path: words in code, in drawings (blocks without a language), and names of files in sentences. */
function pathsIn(text: string): string[] {
  const prose = text.replace(/^```\w+\n[\s\S]*?^```$/gm, '').replace(/^```$/gm, '');
  const spans = [...prose.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => wordsOf(code));
  const drawings = [...text.matchAll(/^```\n([\s\S]*?)^```$/gm)].flatMap(([, body = '']) => wordsOf(body));
  const said = wordsOf(prose.replaceAll(/\[[^\]]*\]\([^)]*\)/g, ' ')).filter((word) => FILE.test(word));
  return [...spans, ...drawings, ...said.filter((word) => word.includes('/'))].filter((word) =>
    PATH.test(word),
  );
}

function wordsOf(text: string): string[] {
  return text.split(/[\s`(),;:|]+/).map((word) => word.replace(/[./]+$/, ''));
}

function linksIn(text: string): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s#]+)(#[^)]*)?\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

function patternOf(path: string): string {
  return path
    .replace(/[.+[\]]/g, '\\$&')
    .replace(/\*+\/?/g, (stars) => (stars.startsWith('**') ? '(.*/)?' : stars.replace('*', '[^/]*')));
}
