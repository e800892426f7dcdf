/** Starts engines as whoever runs this, stores a value in each, kills them all, starts them again, and prints what they kept. */
import { signalGroup } from '../../../../scripts/lib/group.mjs';
import { ENGINE_NAMES } from '../../../../scripts/engines/names.mjs';
import { startEngines } from '../../../../scripts/engines/start.mjs';
import { ROWS } from './rows.ts';

const [folder = ''] = process.argv.slice(2);
const first = await startEngines({ names: ENGINE_NAMES, folder });
for (const { name } of first.running) await ROWS[name].put(first.vars, 'kept');
signalGroup(first.group, 'SIGKILL');
await first.end();
const second = await startEngines({ names: ENGINE_NAMES, folder });
const kept = await Promise.all(second.running.map(({ name }) => ROWS[name].get(second.vars)));
await second.end();
console.log(
  JSON.stringify({
    kept: second.running.map(({ name }, at) => `${name} ${kept[at]}`),
    missing: second.missing.map(({ name }) => name),
  }),
);
