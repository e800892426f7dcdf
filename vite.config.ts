import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';
import { wuchale } from 'wuchale/vite';

/** Where `npm run dev` finds the rooms and the API: a Worker started beside it. */
const WORKER = 'http://127.0.0.1:8787';
const PHONE_PAGE = /\/src\/routes\/j\/\[code\]\/\+page\.svelte$/;
/** Parts that the framework's index, or a text's look-up, brings along, and no phone uses before its first tap. */
const NO_PHONE =
  /\/internal\/client\/dom\/(elements\/bindings\/(?!this|shared)|blocks\/svelte-element)|\/@wuchale\/svelte\/|\/devalue\//;

/** What the bundler tells of a module: who imports it at once. */
interface Modules {
  getModuleInfo(id: string): { importers: readonly string[] } | null;
}

/** True when the phone's page cannot begin without this module. */
function opensThePhone(id: string, modules: Modules, seen: Set<string> = new Set()): boolean {
  if (PHONE_PAGE.test(id)) return true;
  if (seen.has(id) || NO_PHONE.test(id)) return false;
  seen.add(id);
  const importers = modules.getModuleInfo(id)?.importers ?? [];
  return importers.some((importer) => opensThePhone(importer, modules, seen));
}

/** A module of a package, changed as it is bundled; what has nothing to change any more fails the build and can go. */
function patched(name: string, file: RegExp, change: (code: string) => string): Plugin {
  return {
    name,
    transform: {
      filter: { id: file },
      handler(code) {
        const changed = change(code);
        if (changed === code) this.error(`${name} changes nothing any more: it can go.`);
        return { code: changed, map: null };
      },
    },
  };
}

/**
 * The chart's library makes a number format of `navigator.language` when it is loaded, which throws where the system's
 * setting is no language (`C`, `en-US@posix`). Our axes write their own numbers: it gets a language that there is.
 */
const chartInNoLanguage = patched('chart-in-no-language', /\/uplot\/dist\/uPlot\.esm\.js/, (code) =>
  code.replace('new Intl.NumberFormat(domEnv ? nav.language : ', 'new Intl.NumberFormat('),
);

/**
 * What partysocket tells programmers whose environment has no `EventTarget` or `WebSocket`, and logs when it is asked to: a
 * kilobyte on every phone, and no browser that opens our pages lacks either.
 */
const socketWithoutAdvice = patched('socket-without-advice', /\/partysocket\/dist\/ws\.js/, (code) =>
  code.replace(
    /(?:console\.(?:error|warn)\(\s*(?:`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*")\s*|this\._debug\([^;]*)\);/g,
    ';',
  ),
);

/** The framework takes two functions of Svelte's out of the whole of it, by which all of it counts as used. */
const frameworkByName = patched(
  'framework-by-name',
  /\/@sveltejs\/kit\/src\/runtime\/client\/client\.js/,
  (code) =>
    code.replace('const { onMount, tick } = svelte;', 'const onMount = svelte.onMount, tick = svelte.tick;'),
);

/**
 * What a page's data are told in when somebody goes to it without loading it: 1.4 kB that no phone needs, because a phone is
 * told its own with the page. Whoever needs it fetches data at the same moment, so it fails where those do.
 */
const dataOnDemand: Plugin = {
  ...patched('data-on-demand', /\/@sveltejs\/kit\/src\/runtime\/client\/client\.js/, (code) =>
    code.replace(
      /import \* as devalue from 'devalue';([^]*)(async function process_stream\(\w+, \w+\) \{)([^]*)devalue\.(unflatten)/,
      "$1$2\nconst { unflatten } = await import('devalue');$3$4",
    ),
  ),
  // While pages are developed the framework checks states with it, too.
  apply: 'build',
};

/**
 * The file that pages share takes modules without whatever those only pass on (see its group), which the bundler does where the
 * files of pages may export more than their own names; the framework asks it not to.
 */
const entriesMayExportMore: Plugin = {
  name: 'entries-may-export-more',
  options: (options) => ({ ...options, preserveEntrySignatures: 'allow-extension' }),
};

export default defineConfig({
  plugins: [
    chartInNoLanguage,
    socketWithoutAdvice,
    frameworkByName,
    dataOnDemand,
    entriesMayExportMore,
    wuchale(),
    sveltekit(),
  ],
  // Made ahead for `npm run dev`, it would not come by here.
  optimizeDeps: { exclude: ['uplot', 'partysocket'] },
  build: {
    modulePreload: {
      // What is loaded on demand asks for its own parts: lists of their names would cost every phone a kilobyte.
      resolveDependencies: (_file, parts, { hostType }) =>
        hostType === 'js' ? parts.filter((part) => part.endsWith('.css')) : parts,
    },
    rolldownOptions: {
      // Every component with a text imports the one for texts with markup in them; most have none.
      treeshake: { moduleSideEffects: [{ test: NO_PHONE, sideEffects: false }] },
      output: {
        codeSplitting: {
          groups: [
            // A file by itself, or the bundler would put there what all pages need.
            { name: 'data', test: /\/devalue\//, includeDependenciesRecursively: false, priority: 1 },
            {
              // What most pages share is one file: on HTTP/1.1 a wave of small ones costs a phone a round trip. Nothing is
              // in it that a phone could do without, however many other pages share that.
              name: (id, modules) => (opensThePhone(id, modules) ? 'shared' : null),
              minShareCount: 2,
              // All that the phone's page needs is found by its importers; what its modules only pass on stays out.
              includeDependenciesRecursively: false,
            },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': { target: WORKER, changeOrigin: true },
      '/parties': { target: WORKER, ws: true, changeOrigin: true },
    },
  },
});
