/**
 * Texts that nobody could translate: sentences in scripts that are not marked by `phrase()`, and words in braces of the markup
 * that the tool takes for names, because they begin with a small letter.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'svelte/compiler';

/** What people read; a log, a protocol and a server's refusals are in English (docs/texts.md). */
const FILES = 'src/{routes,lib/{components,client,guide,summary}}/**/*.{svelte,ts}';
/** Not shown: another thread, and addresses. */
const EXEMPT = /\.d\.ts$|\/\+(page|layout)(\.server)?\.ts$|^src\/routes\/verify\/(start-)?worker\.ts$/;

/** Names and units; a product's first name, which is typed over; and what is said in English to everybody (docs/texts.md). */
const NO_TEXT =
  /Revenue Guard Live$|^(AWS|Cloudflare|GCP) |^# ms$|^Concert ticket$|^The room speaks version|^a summary is of a room/;

/** Two words: what one word is, nobody can tell from its letters. */
const SENTENCE = /\p{L}{2,}[,;:]? \p{L}{2,}/u;
const WORD = /\p{L}{2,}/u;
/** What the tool takes out of markup by itself: what begins as a sentence does and is no abbreviation. */
const TAKEN = /^(?![a-z])(?!([A-Z]|\P{L})+$)\p{L}/u;
/** Attributes that are read or heard. */
const READ = /^(aria-(label|description|roledescription|valuetext)|title|alt|placeholder|label)$/;
/** Attributes that hold no text. */
const CODE = /^(class|style|d|points|transform|viewBox|href|src|font|type|name|id|for|key)$/;
/** What is said to other programs. */
const SAID_TO_PROGRAMS =
  /^(assert|console\.\w+|matchMedia|fetch|reject|querySelector(All)?|\w+\.(matches|closest|append))$/;

interface Node {
  type: string;
  start: number;
  [member: string]: unknown;
}

/** How strictly a place is read: a script, code in the markup, or what stands on the page. */
type Place = 'script' | 'markup' | 'page';

/** Every text of the pages that no translation can reach, as `file:line text`. */
export function unmarkedTexts(root: string): string[] {
  return globSync(FILES, { cwd: root })
    .filter((file) => !EXEMPT.test(file))
    .sort()
    .flatMap((file) => unmarkedIn(file, readFileSync(join(root, file), 'utf8')));
}

/** Those of one file. */
export function unmarkedIn(file: string, source: string): string[] {
  const isComponent = file.endsWith('.svelte');
  const opening = isComponent ? '' : '<script lang="ts">';
  const text = isComponent ? source : `${opening}${source}</script>`;
  const found: string[] = [];
  const walk = (node: Node, place: Place): void => {
    const said = textOf(node);
    if (said !== null && isUnmarked(said, place)) {
      const line = text.slice(0, node.start).split('\n').length;
      found.push(`${file}:${line} ${said.trim()}`);
    }
    for (const [child, where] of childrenOf(node, place)) walk(child, where);
  };
  const { instance, module, fragment } = parse(text, { modern: true });
  for (const script of [instance, module]) if (script) walk(script as unknown as Node, 'script');
  walk(fragment as unknown as Node, 'markup');
  return found;
}

function isUnmarked(said: string, place: Place): boolean {
  if (NO_TEXT.test(said)) return false;
  if (place === 'script') return SENTENCE.test(said);
  return (place === 'page' ? WORD : SENTENCE).test(said) && !TAKEN.test(said.trim());
}

/** The text of a string or a template; its figures stand as `#`. */
function textOf(node: Node): string | null {
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node.type !== 'TemplateLiteral') return null;
  const quasis = node['quasis'] as { value: { cooked: string } }[];
  return quasis.map(({ value }) => value.cooked).join('#');
}

/** What of a node is looked at further, and how. */
function childrenOf(node: Node, place: Place): [Node, Place][] {
  const code = place === 'script' ? 'script' : 'markup';
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ThrowStatement':
    case 'StyleSheet':
      return [];
    case 'CallExpression':
    case 'NewExpression':
      return isMarked(node) ? [] : inside(node, ['arguments', 'callee'], code);
    case 'BinaryExpression':
      return /[=!]==?/.test(String(node['operator'])) ? [] : inside(node, ['left', 'right'], place);
    case 'ConditionalExpression':
      return [...inside(node, ['test'], code), ...inside(node, ['consequent', 'alternate'], place)];
    case 'LogicalExpression':
      return [
        ...inside(node, ['left'], node['operator'] === '&&' ? code : place),
        ...inside(node, ['right'], place),
      ];
    case 'MemberExpression':
      return inside(node, ['object', ...(node['computed'] ? ['property'] : [])], code);
    case 'Property':
    case 'PropertyDefinition':
      return inside(node, ['value'], code);
    case 'SwitchCase':
      return inside(node, ['consequent'], code);
    case 'TemplateLiteral':
      return inside(node, ['expressions'], place);
    case 'Fragment':
      return inside(node, ['nodes'], 'page');
    case 'ExpressionTag':
      return inside(node, ['expression'], place);
    case 'Attribute':
      return attributeOf(node);
    default:
      if (/^TS(?!AsExpression|SatisfiesExpression|NonNullExpression)/.test(node.type)) return [];
      return inside(node, Object.keys(node), code);
  }
}

function attributeOf(node: Node): [Node, Place][] {
  const name = String(node['name']);
  if (CODE.test(name)) return [];
  const place = READ.test(name) ? 'page' : 'markup';
  const values = [node['value']].flat().filter(isNode);
  const words = values.map((value) => (value.type === 'Text' ? String(value['data']) : '#')).join('');
  const code = values.filter(({ type }) => type !== 'Text').map((value): [Node, Place] => [value, place]);
  return [[{ type: 'Literal', start: node.start, value: words }, place], ...code];
}

function isMarked(call: Node): boolean {
  const callee = call['callee'] as Node;
  const name =
    callee.type === 'Identifier'
      ? String(callee['name'])
      : callee.type === 'MemberExpression'
        ? `${String((callee['object'] as Node)['name'])}.${String((callee['property'] as Node)['name'])}`
        : '';
  return (
    name === 'phrase' || SAID_TO_PROGRAMS.test(name) || (call.type === 'NewExpression' && /Error$/.test(name))
  );
}

function inside(node: Node, members: readonly string[], place: Place): [Node, Place][] {
  return members
    .flatMap((member) => [node[member]].flat())
    .filter(isNode)
    .map((child) => [child, place]);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
