/** Styles that every browser understands: what one of them drops must not be what tells people something. */
import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { expect, test } from 'vitest';

const STYLES = globSync('src/**/*.{svelte,css}');
/** WebKit knows the shorthand for the line alone, and drops a declaration that says more. */
const DECORATIONS = ['none', 'underline', 'line-through', 'inherit'];

test.each(STYLES)('%s decorates text by longhands where it is more than a line', (path) => {
  const declared = readFileSync(path, 'utf8').matchAll(/(?<![-\w])text-decoration:\s*([^;}]+)/g);
  for (const [declaration, value = ''] of declared) expect(DECORATIONS, declaration).toContain(value.trim());
});
