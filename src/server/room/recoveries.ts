/** What clients measured of a drill, gathered for a moment so that a crowd that comes back is told with a few events. */
import type { Recovery } from '#lib/domain/events.ts';
import type { RoomContext } from './context.ts';
import type { Connection } from './connections.ts';

/** How long reports are gathered, milliseconds: as long as phones wait for a frame anyway. */
const GATHERED_MS = 100;

/** See the module's comment. */
export class Recoveries {
  readonly #room: RoomContext;
  /** How many reports are still to come from each person: one for each screen that was cut. */
  #expected = new Map<string, number>();
  #waiting: Recovery[] = [];

  constructor(room: RoomContext) {
    this.#room = room;
  }

  /** A drill begins: these people will report, each as often as they are named. */
  expect(labels: readonly string[]): void {
    this.#expected = new Map();
    for (const label of labels) this.#expected.set(label, (this.#expected.get(label) ?? 0) + 1);
    this.#waiting = [];
  }

  /** Takes a report of the newest drill; of any other it is too late, and nobody needs to know. */
  report(connection: Connection, drill: number, measured: Omit<Recovery, 'who'>): void {
    const { drillSeq, closed } = this.#room.memory.facts;
    if (drill === 0 || drill !== drillSeq || closed) return;
    const who = connection.caller.label;
    const expected = this.#expected.get(who) ?? 0;
    if (expected === 0) return;
    this.#expected.set(who, expected - 1);
    if (this.#waiting.length === 0) this.#room.ports.after(GATHERED_MS, () => this.#tell(drill));
    this.#waiting.push({ who, ...measured });
  }

  #tell(drill: number): void {
    const clients = this.#waiting;
    this.#waiting = [];
    this.#room.commits.submit({
      run: (tx) => {
        if (clients.length > 0) tx.append({ kind: 'recovered', body: { drill, clients } });
      },
      failed: () => undefined,
    });
  }
}
