/** Who may import whom: the table of the architecture, and what breaks it. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { Import } from './imports.ts';
import { importsOf } from './imports.ts';

interface Row {
  /** Files that the row is about; a file belongs to the first row that matches. */
  files: RegExp;
  /** Targets that its files may import. */
  may: RegExp[];
  /** Targets of which only types may be imported. */
  mayAsTypes?: RegExp[];
  /** Targets that may be imported only when they are needed. */
  mayDynamically?: RegExp[];
}

const layer = (name: string) => new RegExp(`^src/lib/${name}/`);
const pack = (name: string) => new RegExp(`^${name}(/|$)`);

const DOMAIN = layer('domain');
const PROTOCOL = layer('protocol');
const CLIENT = layer('client');
const COMPONENTS = layer('components');
const GUIDE = layer('guide');
const STYLES = layer('styles');
const ROOM = layer('room');
const REHEARSAL = layer('rehearsal');
const VERIFY = layer('verify');
const SUMMARY = layer('summary');
const LANGUAGE = layer('language');
/** How numbers and lanes are written, which is all that a summary's words need of the screens. */
const WRITTEN = /^src\/lib\/components\/(format|strategy-words)\.ts$/;
/** How a part of a page is fetched when it is wanted. */
const PART = /^src\/lib\/client\/part\.ts$/;
const TRANSPORT = /^src\/lib\/client\/transport\.ts$/;
const SERVER = /^src\/server\//;
const SVELTE = pack('svelte');

/** The table of the architecture, row by row. */
const TABLE: Row[] = [
  { files: DOMAIN, may: [DOMAIN] },
  { files: PROTOCOL, may: [PROTOCOL, DOMAIN, pack('valibot')] },
  { files: VERIFY, may: [VERIFY, DOMAIN, PROTOCOL, pack('valibot')] },
  { files: SUMMARY, may: [SUMMARY, DOMAIN, PROTOCOL, LANGUAGE, WRITTEN, pack('valibot')] },
  { files: ROOM, may: [ROOM, DOMAIN, PROTOCOL] },
  { files: REHEARSAL, may: [REHEARSAL, ROOM, DOMAIN, PROTOCOL, TRANSPORT, pack('@noble/hashes')] },
  {
    files: CLIENT,
    // What a browser kept or another window said is parsed where it comes in, as everything else is.
    may: [CLIENT, DOMAIN, PROTOCOL, LANGUAGE, pack('partysocket'), pack('valibot'), SVELTE],
    mayDynamically: [REHEARSAL],
  },
  // What draws a picture may use what draws: the chart's library and the QR code's.
  {
    files: COMPONENTS,
    may: [COMPONENTS, DOMAIN, LANGUAGE, STYLES, PART, SVELTE, pack('uplot'), pack('uqr')],
  },
  { files: LANGUAGE, may: [LANGUAGE, pack('wuchale'), /^node:async_hooks$/] },
  { files: GUIDE, may: [GUIDE, LANGUAGE], mayAsTypes: [DOMAIN] },
  { files: STYLES, may: [STYLES, pack('@fontsource/[a-z-]+')] },
  {
    files: /^src\/(hooks\.server\.ts|routes\/(.*\/)?\+[a-z]+\.server\.ts)$/,
    may: [PROTOCOL, DOMAIN, LANGUAGE, pack('@sveltejs/kit')],
    mayAsTypes: [/\/\$types(\.d\.ts|\.js)?$/],
  },
  {
    // A page on plain http has no hash function of its own: the verifier's thread brings one.
    files: /^src\/routes\/verify\/worker\.ts$/,
    may: [VERIFY, /^src\/routes\/verify\/[^+]*$/, pack('@noble/hashes')],
    mayAsTypes: [CLIENT, DOMAIN],
  },
  {
    files: /^src\/routes\//,
    may: [
      CLIENT,
      COMPONENTS,
      GUIDE,
      VERIFY,
      SUMMARY,
      DOMAIN,
      LANGUAGE,
      STYLES,
      SVELTE,
      /^\$app\//,
      pack('@fontsource/[a-z-]+'),
      /^src\/routes\/[^+]*$/,
    ],
    mayAsTypes: [/\/\$types(\.d\.ts|\.js)?$/],
  },
  { files: /^src\/server\/worker\.ts$/, may: [SERVER, /^\.svelte-kit\/cloudflare\/_worker\.js$/] },
  {
    files: SERVER,
    may: [
      SERVER,
      DOMAIN,
      PROTOCOL,
      ROOM,
      SUMMARY,
      pack('partyserver'),
      pack('hono'),
      pack('valibot'),
      pack('@noble/hashes'),
      pack('postgres'),
      pack('aws4fetch'),
      /^cloudflare:/,
      // The platform's own synchronous SHA-256, and the version that /api/health tells.
      /^node:crypto$/,
      // A client's sockets.
      /^node:(buffer|events)$/,
      /^package\.json$/,
    ],
  },
  { files: /^src\/service-worker\.ts$/, may: [REHEARSAL, /^\$service-worker$/] },
  { files: /^src\/app\.d\.ts$/, may: [] },
];

/** Every import below `src/` that the table does not allow, one line each. */
export function forbiddenImports(root: string): string[] {
  return sourceFiles(root).flatMap((file) => {
    const row = TABLE.find(({ files }) => files.test(file));
    if (!row) return [`${file} belongs to no row of the table`];
    return importsOf(root, join(root, file))
      .filter((found) => !allows(row, found))
      .map((found) => `${file} may not import ${found.target}`);
  });
}

/** All TypeScript and components below `src/`, as paths from the root. */
export function sourceFiles(root: string): string[] {
  return globSync('src/**/*.{ts,svelte}', { cwd: root }).sort();
}

function allows(row: Row, { target, typeOnly, dynamic }: Import): boolean {
  const lists = [row.may, typeOnly ? row.mayAsTypes : [], dynamic ? row.mayDynamically : []];
  return lists.some((list) => list?.some((pattern) => pattern.test(target)));
}
