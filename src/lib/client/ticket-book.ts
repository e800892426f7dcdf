/**
 * A client's tickets of one epoch. Several messages concern one ticket (answer, fate, claim, holdings after a reconnect) and
 * arrive in any order; the book merges them. Holdings always take precedence.
 */
import type { ErrorCode, Refusal } from '#lib/domain/codes.ts';
import type { LaneId, LaneResult, LaneResults } from '#lib/domain/lane.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { RoundTrips } from '#lib/domain/round-trip.ts';
import type { Holding } from '#lib/domain/room-state.ts';
import type { DownOf } from '#lib/protocol/down.ts';
import type { Ticket, TicketStatus } from './ticket.ts';

/** What may be told of a ticket before its answer. */
type Word = Partial<Pick<Ticket, 'status' | 'holders' | 'duel' | 'backBy'>>;

/** The tickets of one epoch. Earlier results of {@link TicketBook.list} are never changed. */
export class TicketBook {
  #tickets = new Map<string, Ticket>();
  /** Fates and claims that overtook the answer of their op. */
  #early = new Map<string, Word>();
  #listed: readonly Ticket[] | null = null;

  /** Newest first. The same array until something changes. */
  get list(): readonly Ticket[] {
    this.#listed ??= [...this.#tickets.values()].reverse();
    return this.#listed;
  }

  /** A tap that is on its way, on every lane that its button showed. */
  open(op: string, units: number, lanes: readonly LaneId[]): void {
    for (const lane of lanes) this.put(op, lane, { units, status: { kind: 'waiting' } });
  }

  /**
   * The room's answer. A lane that is answered for the first time took `rttMs` from the tap; null when the tap was not measured.
   */
  answer(op: string, lanes: LaneResults, rttMs: number | null): void {
    // Lanes answer one by one: as long as that brings news of one, another that is pending is only slower than it.
    const bringsNews = LANE_IDS.some(
      (lane) => lanes[lane] && lanes[lane].status !== 'pending' && this.#isOpen(op, lane),
    );
    for (const lane of LANE_IDS) {
      const result = lanes[lane];
      if (!result) continue;
      const { units, seq = null } = result;
      const status = statusOf(result);
      if (status.kind === 'pending') {
        if (!bringsNews) this.put(op, lane, { status });
        continue;
      }
      const granted = result.status === 'allocated' ? { units } : {};
      const isUntimed = (this.#tickets.get(keyOf(op, lane))?.rttMs ?? null) === null;
      const change = { ...granted, seq, ...(rttMs !== null && isUntimed ? { rttMs } : {}) };
      // A repeated answer tells what was granted, not what became of it since.
      const keeps = status.kind === 'confirmed' && this.#wasGranted(op, lane);
      this.put(op, lane, keeps ? change : { ...change, status });
    }
  }

  /** The room refused the op on all its lanes. */
  refuse(op: string, refusal: Refusal): void {
    for (const lane of LANE_IDS) {
      if (this.#tickets.has(keyOf(op, lane))) this.put(op, lane, { status: refusedAs(refusal) });
    }
  }

  /** A later write erased the ticket, or brought it back. */
  fate({ op, lane, fate, by, units, duel }: DownOf<'fate'>): void {
    const word: Word =
      fate === 'lost'
        ? { status: { kind: 'lost', by: by ?? null }, ...(duel ? { duel } : {}) }
        : { status: { kind: 'restored' }, ...(by === undefined ? {} : { backBy: by }) };
    if (this.#wasGranted(op, lane)) this.put(op, lane, word);
    else this.#remember(op, lane, units, word);
  }

  /** How many ops hold the same unit numbers by now. */
  claim({ op, lane, holders }: DownOf<'claim'>): void {
    if (this.#tickets.has(keyOf(op, lane))) this.put(op, lane, { holders });
    else this.#remember(op, lane, 1, { holders });
  }

  /** What the room says this client holds: after a reload or a reconnect. */
  hold(holdings: readonly Holding[]): void {
    for (const held of [...holdings].sort((a, b) => a.seq - b.seq)) {
      const { op, lane, units, seq, holders, duel } = held;
      const numbers = duel ? { duel } : {};
      this.put(op, lane, { units, seq, holders, status: this.#heldStatus(held), ...numbers });
    }
  }

  /** Another epoch began. */
  clear(): void {
    this.#tickets.clear();
    this.#early.clear();
    this.#listed = null;
  }

  /** True once no lane of the op waits for its answer. */
  isAnswered(op: string): boolean {
    return LANE_IDS.every((lane) => !this.#isOpen(op, lane));
  }

  /** Its round trips on the lanes that allocated it, as far as they were measured. */
  roundTripsOf(op: string): RoundTrips {
    const lanes: Partial<Record<LaneId, number>> = {};
    for (const lane of LANE_IDS) {
      const rttMs = this.#tickets.get(keyOf(op, lane))?.rttMs;
      if (typeof rttMs === 'number' && this.#wasGranted(op, lane)) lanes[lane] = rttMs;
    }
    return lanes;
  }

  /** True when there are no tickets. */
  get isEmpty(): boolean {
    return this.#tickets.size === 0;
  }

  #heldStatus({ op, lane, fate, by }: Holding): TicketStatus {
    if (fate === 'lost') return { kind: 'lost', by: by ?? null };
    const before = this.#tickets.get(keyOf(op, lane))?.status.kind;
    return { kind: before === 'lost' || before === 'restored' ? 'restored' : 'confirmed' };
  }

  #isOpen(op: string, lane: LaneId): boolean {
    const kind = this.#tickets.get(keyOf(op, lane))?.status.kind;
    return kind === 'waiting' || kind === 'pending';
  }

  #wasGranted(op: string, lane: LaneId): boolean {
    const kind = this.#tickets.get(keyOf(op, lane))?.status.kind;
    return kind === 'confirmed' || kind === 'lost' || kind === 'restored';
  }

  #remember(op: string, lane: LaneId, units: number, word: Word) {
    const key = keyOf(op, lane);
    this.#early.set(key, { ...this.#early.get(key), ...word });
    if (this.#tickets.has(key)) this.put(op, lane, { units });
  }

  /** Changes a ticket by what is known of it. */
  put(op: string, lane: LaneId, change: Partial<Ticket>): void {
    const key = keyOf(op, lane);
    const before = this.#tickets.get(key) ?? blank(key, op, lane);
    let ticket = { ...before, ...change };
    const early = this.#early.get(key);
    if (early && ticket.status.kind === 'confirmed') {
      ticket = { ...ticket, ...early };
      this.#early.delete(key);
    }
    this.#tickets.set(key, ticket);
    this.#listed = null;
  }
}

function keyOf(op: string, lane: LaneId): string {
  return `${op}:${lane}`;
}

function blank(key: string, op: string, lane: LaneId): Ticket {
  return { key, op, lane, units: 1, status: { kind: 'waiting' }, seq: null, rttMs: null, holders: 1 };
}

function statusOf(result: LaneResult): TicketStatus {
  if (result.status === 'allocated') return { kind: 'confirmed' };
  if (result.status === 'pending') return { kind: 'pending' };
  return refusedAs({ code: result.code ?? 'OUT_OF_STOCK', message: '' });
}

function refusedAs({
  code,
  message,
  retryAfterMs,
}: {
  code: ErrorCode;
  message: string;
  retryAfterMs?: number;
}) {
  return code === 'OUT_OF_STOCK'
    ? ({ kind: 'soldOut' } as const)
    : ({ kind: 'refused', code, message, retryAfterMs: retryAfterMs ?? null } as const);
}
