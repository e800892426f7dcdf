/**
 * The project's own host and bundle, but for one thing: its hashes are constants. The difference to the project is what
 * chaining the log costs; everything else, the canonical JSON of each event included, is done as always.
 */
import { parseArgs } from 'node:util';
import { workerBundle } from '../../scripts/host/bundle.mjs';
import { serve } from '../../scripts/host/runtime.mjs';

/** How the bundle takes in the hash: once for each module that uses it, under a name that the bundler makes. */
const HASH_IMPORT = /^import \{ createHash(?: as (\w+))? \} from "node:crypto";$/gm;

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: '' },
    host: { type: 'string', default: '' },
    port: { type: 'string', default: '' },
    'persist-to': { type: 'string', default: '' },
    var: { type: 'string', multiple: true, default: [] },
  },
});

const bundle = await workerBundle(values.config);
let replaced = 0;
const code = bundle.code.replace(HASH_IMPORT, (_line, name: string | undefined) => {
  replaced += 1;
  return `const ${name ?? 'createHash'} = () => ({ update() { return this; }, digest: () => "0".repeat(64) });`;
});
if (replaced === 0) throw new Error('The bundle takes in no hash that could be left out.');

await serve(
  { ...bundle, code },
  {
    host: values.host,
    port: Number(values.port),
    persistTo: values['persist-to'],
    vars: new Map(
      values.var.map((given) => [given.slice(0, given.indexOf('=')), given.slice(given.indexOf('=') + 1)]),
    ),
  },
);
