/** What clients measured of a drill, gathered for a moment so that a crowd that comes back is told with a few events. */
import type { Recovery } from '#lib/domain/events.ts';
import type { Engine } from './engine.ts';
import type { Member } from './members.ts';
import type { RoomMemory } from './memory.ts';

/** How long reports are gathered, milliseconds: as long as phones wait for a frame anyway. */
const GATHERED_MS = 100;

/** See the module's comment. */
export class Recoveries {
  readonly #engine: Engine;
  readonly #memory: () => RoomMemory;
  /** Who has reported of which drill: each person once. A room that slept in between may hear one twice. */
  readonly #heard = new Set<string>();
  #drill = 0;
  #waiting: Recovery[] = [];

  constructor(engine: Engine, memory: () => RoomMemory) {
    this.#engine = engine;
    this.#memory = memory;
  }

  /** Takes a report of the newest drill; of any other it is too late, and nobody needs to know. */
  report(member: Member, drill: number, measured: Omit<Recovery, 'who'>): void {
    const { drillSeq, closed } = this.#memory().facts;
    if (drill === 0 || drill !== drillSeq || closed) return;
    if (drill !== this.#drill) {
      this.#drill = drill;
      this.#heard.clear();
      this.#waiting = [];
    }
    const who = member.caller.label;
    if (this.#heard.has(who)) return;
    this.#heard.add(who);
    if (this.#waiting.length === 0) setTimeout(() => this.#tell(), GATHERED_MS);
    this.#waiting.push({ who, ...measured });
  }

  #tell(): void {
    const clients = this.#waiting;
    this.#waiting = [];
    this.#engine.submit({
      run: (turn) => {
        if (clients.length > 0) turn.tell({ kind: 'recovered', body: { drill: this.#drill, clients } });
      },
      failed: () => undefined,
    });
  }
}
