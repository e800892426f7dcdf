/** Gathers clients' reports of a drill for a moment, so that a returning crowd makes few events. */
import type { Recovery } from '#lib/domain/events.ts';
import type { Cancel, RoomContext } from './context.ts';
import type { Connection } from './connections.ts';

/** How long reports are gathered, milliseconds: one interval of phones' frames. */
const GATHERED_MS = 100;

/** Gathers what clients report of a drill, and writes it as few `recovered` events. */
export class Recoveries {
  readonly #room: RoomContext;
  /** Number of reports still expected of each label: one for each socket that was cut. */
  #expected = new Map<string, number>();
  #waiting: Recovery[] = [];
  #cancel: Cancel | null = null;

  constructor(room: RoomContext) {
    this.#room = room;
  }

  /** Begins a drill: expects one report for each occurrence of a label. */
  expect(labels: readonly string[]): void {
    this.#expected = new Map();
    for (const label of labels) this.#expected.set(label, (this.#expected.get(label) ?? 0) + 1);
    // What was gathered of an earlier drill would be told as of this one.
    this.#waiting = [];
    this.#cancel?.();
  }

  /** Takes a report of the newest drill; reports of earlier ones are ignored. */
  report(connection: Connection, drill: number, measured: Omit<Recovery, 'who'>): void {
    const { drillSeq, closed } = this.#room.memory.facts;
    if (drill === 0 || drill !== drillSeq || closed) return;
    const who = connection.caller.label;
    const expected = this.#expected.get(who) ?? 0;
    if (expected === 0) return;
    this.#expected.set(who, expected - 1);
    if (this.#waiting.length === 0) {
      this.#cancel = this.#room.ports.after(GATHERED_MS, () => this.#tell(drill));
    }
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
