/** Looks for English on a page that is in German: pieces of the catalogues' English texts, seen or heard. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.mjs';
import type { Page } from 'playwright-core';

const CATALOGUES = join(ROOT, 'src', 'lib', 'language');
/** Every group of texts. */
export const GROUPS = ['door', 'phone', 'asides', 'pages', 'screens'] as const;

/** A piece that says something: two words between figures, since a word can be the same in German. */
const SAYS = /\p{L}{2,}[,:;]? \p{L}{2,}/u;
/** Texts are looked for up to their figures and their marks. */
const BETWEEN = /\{\d+\}|<\/?\d+\/?>/;

/** English texts that stand on a page, or that a screen reader hears of it; what is quoted in English says so itself. */
export async function englishOn(page: Page): Promise<string[]> {
  const text = await page.evaluate(() => {
    const words: string[] = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node instanceof Element ? node : node.parentElement;
      if (!element || element.closest('script, style, noscript, [lang="en"], bdi')) continue;
      if (node instanceof Element)
        for (const name of ['aria-label', 'title', 'alt', 'placeholder'])
          words.push(node.getAttribute(name) ?? '');
      else words.push(node.textContent ?? '');
    }
    return words.join('\n').replace(/[^\S\n]+/g, ' ');
  });
  return pieces().filter((piece) => text.includes(piece));
}

let found: string[] | null = null;

function pieces(): string[] {
  found ??= [...new Set(GROUPS.flatMap((group) => piecesOf(group)))];
  return found;
}

/** Pieces of a group's texts that its German translation does not have as well. */
function piecesOf(group: string): string[] {
  return entriesOf(group).flatMap(([english, german]) =>
    english
      .split(BETWEEN)
      .map((piece) => piece.trim())
      .filter((piece) => SAYS.test(piece) && !german.includes(piece)),
  );
}

/** Each text with its translation. */
function entriesOf(group: string): [english: string, german: string][] {
  const entries = readFileSync(join(CATALOGUES, group, 'de.po'), 'utf8')
    .split('\n\n')
    .slice(1);
  return entries.flatMap((entry) => {
    const [, english = '', german = ''] = /^msgid ([\s\S]*?)\nmsgstr ([\s\S]*)$/m.exec(entry) ?? [];
    return english === '' ? [] : [[unquoted(english), unquoted(german)] satisfies [string, string]];
  });
}

function unquoted(lines: string): string {
  return [...lines.matchAll(/^"(.*)"$/gm)]
    .map(([, line]) => line)
    .join('')
    .replaceAll('\\"', '"');
}
