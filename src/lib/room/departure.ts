/**
 * Closes the sockets of an ended show with 4410, after what was in flight has settled and its last figures were told. Meanwhile no
 * socket is accepted and no op admitted.
 */
import type { Cancel, RoomContext, RoomPart } from './context.ts';
import type { CostTick } from './cost-tick.ts';
import type { RoomMemory } from './memory.ts';
import type { Transaction } from './transaction.ts';

/**
 * Longest wait for what is in flight, milliseconds, because the database may not answer. Callers are answered `pending` after the
 * same time (pending-replies.ts).
 */
const LEAVE_WITHIN_MS = 5_000;
/** A fact in the tables from the end of the show until what was in flight has settled and was told. */
const SETTLING = 'settling';

/** Ends the show in a transaction: what waits to be told, the end, and that ops in flight still belong to its last state. */
export function appendEnd(tx: Transaction, room: RoomContext, by: 'expiry' | 'presenter'): void {
  if (tx.memory.facts.closed) return;
  room.endEpoch(tx, 'end');
  tx.append({ kind: 'closed', body: { by } });
  if (isUnderWay(tx.memory)) tx.write((tables) => tables.writeFact(SETTLING, 'yes'));
  tx.write((tables) => {
    tables.writeFact('endedAt', String(tx.nowMs));
    tables.deleteFact('endWatched');
  });
  tx.memory.endWatch = null;
}

/** Closes an ended room's sockets once its last state was told, or after {@link LEAVE_WITHIN_MS}. */
export class Departure implements RoomPart {
  readonly #room: RoomContext;
  readonly #costs: Pick<CostTick, 'settled' | 'ended'>;
  #patience: Cancel | null = null;
  /** True while the last words are on their way into the log. */
  #isConcluding = false;

  constructor(room: RoomContext, costs: Pick<CostTick, 'settled' | 'ended'>) {
    this.#room = room;
    this.#costs = costs;
  }

  /** True while the log of an ended show has not heard the end of it. */
  get isSettling(): boolean {
    const { memory, ports } = this.#room;
    return isUnderWay(memory) || ports.tables.readFact(SETTLING) !== null;
  }

  /** The show has ended: everybody hears so at once. */
  begin(): void {
    this.#room.feed.flush();
    if (!this.isSettling) return this.#leave();
    this.#patience ??= this.#room.ports.after(LEAVE_WITHIN_MS, () => this.#leave());
    this.#conclude();
  }

  /** A room that died in between goes on with it. */
  wakes(): void {
    if (this.#room.memory.facts.closed) this.begin();
  }

  /** The newest outcome may have been the last one. */
  told(): void {
    if (this.#room.memory.facts.closed) this.#conclude();
  }

  /** Tells the last figures once nothing is in flight any more; then everybody leaves. */
  #conclude(): void {
    if (this.#isConcluding || isUnderWay(this.#room.memory) || !this.isSettling) return;
    this.#isConcluding = true;
    this.#room.commits.submit({
      run: (tx) => {
        this.#costs.settled(tx);
        tx.write((tables) => tables.deleteFact(SETTLING));
        tx.after(() => {
          this.#isConcluding = false;
          this.#leave();
        });
      },
      // They are told with the next life of the room; nobody waits for that here.
      failed: (error) => {
        this.#isConcluding = false;
        this.#room.failed(error);
      },
    });
  }

  #leave(): void {
    this.#patience?.();
    this.#patience = null;
    this.#costs.ended();
    this.#room.feed.flush();
    this.#room.ports.connections.endAll();
  }
}

/** True while ops are in flight, or a reset that will still be told. */
function isUnderWay({ pending, resetting }: RoomMemory): boolean {
  return pending.size > 0 || resetting;
}
