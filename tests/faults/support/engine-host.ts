/** The server as `npm start` starts it, connected with engines of its own through gates: each can be killed, or fall silent. */
import { readdirSync, readFileSync } from 'node:fs';
import { ENGINE_OF } from '#lib/domain/engines.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { ENGINE_NAMES } from '../../../scripts/engines/names.mjs';
import { startEngines } from '../../../scripts/engines/start.mjs';
import { openHost } from './known-host.ts';
import type { KnownHost } from './known-host.ts';
import { Gate } from './gate.ts';

type Engines = Awaited<ReturnType<typeof startEngines>>;
type EngineName = Engines['running'][number]['name'];

/** A server with its engines. */
export class EngineHost {
  readonly known: KnownHost;
  readonly #engines: Engines;
  readonly #gates: ReadonlyMap<EngineName, Gate>;

  private constructor(known: KnownHost, engines: Engines, gates: ReadonlyMap<EngineName, Gate>) {
    this.known = known;
    this.#engines = engines;
    this.#gates = gates;
  }

  /** @param folder in which the engines keep everything */
  static async open(folder: string): Promise<EngineHost> {
    const engines = await startEngines({ names: ENGINE_NAMES, folder });
    const gates = new Map<EngineName, Gate>();
    // A lock's holder pauses for so long, and sixty-four wait for it.
    const vars = new Map([['RACE_WINDOW_MS', '20']]);
    for (const { name, vars: own, ports } of engines.running) {
      const gate = await Gate.open(ports[0] ?? 0);
      gates.set(name, gate);
      for (const [key, value] of Object.entries(own))
        vars.set(key, value.replace(`:${ports[0]}`, `:${gate.port}`));
    }
    return new EngineHost(await openHost(vars), engines, gates);
  }

  /** The engines that do not run here, each with what brings it. */
  get missing(): string[] {
    return this.#engines.missing.map(({ title, how }) => `${title} (${how})`);
  }

  /** The engines that run. */
  get names(): EngineName[] {
    return this.#engines.running.map(({ name }) => name);
  }

  /** The lanes of an engine that runs, or of all of them. */
  lanes(of: readonly EngineName[] = this.names): LaneId[] {
    return LANE_IDS.filter((lane) => of.some((name) => name === ENGINE_OF[lane]));
  }

  /** Every process of an engine dies without a word; whoever supervises it starts it again. */
  kill(name: EngineName): void {
    const port = this.#engines.running.find((engine) => engine.name === name)?.ports[0];
    const pids = membersOf(this.#engines.group).filter((pid) => commandOf(pid).includes(String(port)));
    if (pids.length === 0) throw new Error(`No process of ${name} was found.`);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
  }

  /** All engines fall silent, or answer again. */
  silence(silent: boolean): void {
    for (const gate of this.#gates.values()) gate.silence(silent);
  }

  async end(): Promise<void> {
    await this.known.end();
    for (const gate of this.#gates.values()) gate.close();
    await this.#engines.end();
  }
}

/** The processes of a group but for its leader. */
function membersOf(group: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== group && groupOf(pid) === group);
}

/** Of `/proc/PID/stat`: behind the name in brackets come state, parent and group. */
function groupOf(pid: number): number {
  return Number(
    read(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ')[2],
  );
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`);
}

/** '' when the process is gone by now. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
