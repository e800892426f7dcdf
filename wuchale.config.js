/**
 * The texts of the pages: the build takes them out of the sources, each group into its own catalogue, and a page reads
 * those of its language. Translations stand in src/lib/language/<group>/<language>.po.
 */
import { adapter, svelteKitDefaultHeuristic } from '@wuchale/svelte';
import { defineConfig, pofile } from 'wuchale';
import { adapter as scripts } from 'wuchale/adapter-vanilla';

const localesDir = 'src/lib/language';

const DOOR = [
  'src/routes/{?page,OpenShow,ProductRows}.svelte',
  'src/lib/components/door/*.svelte',
  'src/lib/client/product-form.ts',
  'src/lib/components/page-language.ts',
];
/** What a phone loads to join and to buy. Its English is part of the page, whose weight is limited. */
const PHONE = [
  'src/routes/?error.svelte',
  'src/routes/j/*/{?page,KeptPart,NetworkPart,PhoneRoom,Product,Tickets}.svelte',
  'src/lib/client/{api,rehearsal-switch.svelte,ticket-words,words}.ts',
  'src/lib/components/{lane-words,numerals}.ts',
  'src/lib/components/{Part,SkuTabs}.svelte',
  'src/lib/components/phone/verdict-words.ts',
  'src/lib/components/phone/{PhoneHeader,RoomTotals,TapButton,TicketList}.svelte',
  'src/lib/components/rehearsal/PhoneWays.svelte',
];
/** What a phone, or the door, loads when it comes to that: a guess, a race, a failure, a rehearsal, a check. */
const ASIDES = [
  'src/routes/LaneChoice.svelte',
  'src/routes/j/*/{ContestTickets,Departure,Network,NotIn,TakeAlong,TicketSheet}.svelte',
  'src/lib/client/{contest-tickets,entry-words,network-words}.ts',
  'src/lib/components/{CodeField,LanguageChoice,Turnstile}.svelte',
  'src/lib/components/{format,refusal-words,strategy-words,turnstile-words,guess/guess-words}.ts',
  'src/lib/components/phone/{GuessSlider,KeptSheet,Limits,Notices,PhoneMessage,SessionNotice}.svelte',
  'src/lib/components/phone/kept-words.ts',
  'src/lib/components/race/*.{svelte,ts}',
  'src/lib/components/rehearsal/{LiveToggle,SimulatedBand}.svelte',
];
/** What is read before a show and after it: the guide, the summary, the verifier. */
const PAGES = [
  'src/routes/{guide,show,verify}/**/*.{svelte,ts}',
  'src/lib/{guide/!(script*),summary/*}.ts',
  'src/lib/components/guide/*.svelte',
];
/** The presenter's screens, and whatever is in no other group. */
const SCREENS = ['src/{routes,lib/components}/**/*.{svelte,ts}', 'src/lib/{client/*,guide/script*}.ts'];

/**
 * `isRich` where constants hold functions with texts. In a script nothing is a rune, and the tool would make one of such a
 * constant; so it looks texts up by function there, which costs a few bytes each.
 * @param {string} group @param {import('wuchale').Adapter['files']} files
 */
function catalogue(group, files, isRich = false) {
  const options = {
    loader: /** @type {const} */ ('custom'),
    files,
    storage: pofile({ dir: `${localesDir}/${group}` }),
    heuristic,
    runtime: {
      // A page speaks one language from its first word to its last: nothing has to react when that changes.
      /** @param {{ funcName?: string | undefined }} of */
      initReactive: ({ funcName }) => (funcName === undefined ? false : null),
      useReactive: false,
      plain: {
        /** @param {string} catalogueOf */
        wrapInit: (catalogueOf) => `() => ${catalogueOf}`,
        /** @param {string} current */
        wrapUse: (current) => `${current}()`,
      },
    },
  };
  const components = adapter(options);
  if (!isRich) return components;
  const runtime = {
    ...options.runtime,
    /** @param {{ nested: boolean }} of */
    initReactive: ({ nested }) => (nested ? null : false),
  };
  const { transform } = scripts({ ...options, runtime });
  return {
    ...components,
    /** @param {Parameters<typeof transform>[0]} file */
    transform: async (file) =>
      file.filename.endsWith('.svelte') ? components.transform(file) : transform(file),
  };
}

/**
 * What is a text: markup and attributes that read like one. In scripts only what is marked by `phrase()`, because the
 * name of a key or of a lane can look like a word, too.
 * @type {import('wuchale').HeuristicFunc}
 */
function heuristic(message) {
  const { scope, insideProgram, call } = message.details;
  if (call === 'phrase') return 'message';
  if (scope === 'script' && (insideProgram || call === 'goto')) return false;
  return svelteKitDefaultHeuristic(message) === 'message' ? 'message' : false;
}

export default defineConfig({
  locales: ['en', 'de'],
  localesDir,
  ai: null,
  logLevel: 'warn',
  adapters: {
    door: catalogue('door', DOOR),
    phone: catalogue('phone', PHONE),
    asides: catalogue('asides', ASIDES),
    pages: catalogue('pages', PAGES, true),
    screens: catalogue(
      'screens',
      { include: SCREENS, ignore: [...DOOR, ...PHONE, ...ASIDES, ...PAGES] },
      true,
    ),
  },
});
