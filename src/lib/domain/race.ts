/**
 * Races: what happened around a lost update, from the log. A race belongs to the write that erased others: who read which
 * version when, who wrote what when, which writes were lost, and which were restored. Ops whose times are not in the log are
 * left out.
 *
 * Times are those of the shoppers, each on the clock of the Worker that carried its op, in whole Unix milliseconds:
 * `readAtMs` is when its reading had come back from the database, `wroteAtMs` when it sent its write there. When the
 * database executed the write was not measured; the versions give the order of the writes.
 */
import type { AllocatedBody, EventOf, FateBody, RoomEvent } from './events.ts';
import type { LaneId } from './lane.ts';
import { isWrite } from './write.ts';
import type { TimedWrite, Write, WriteTimes } from './write.ts';

/** Racers of one race that are told one by one: the two that the race is about, then those that it touched. */
export const MAX_RACERS = 8;

/** One blind write; its times are missing where they were not told. */
export interface RaceSide extends Omit<Write, 'op'>, Partial<WriteTimes> {
  sim?: true;
}

/** One op of a race. */
export interface Racer extends TimedWrite {
  sim?: true;
  /** Of its `allocated` event. */
  seq: number;
}

/** That an op of a race left the counter, or came back into it. */
export interface RaceFate extends Omit<FateBody, 'lane' | 'by' | 'parentVersion'> {
  seq: number;
  kind: 'lost' | 'restored';
  /** When the write that did it was sent, as its shopper has it; Unix milliseconds. */
  atMs: number;
}

/** One race. */
export interface Race {
  /** Which race of the log it is, counted from 1. */
  number: number;
  epoch: number;
  lane: LaneId;
  /** Of its first `lost` event. */
  seq: number;
  /** The op whose write erased, and the one of the erased that is pictured: one that read the same version, if any did. */
  by: string;
  erased: string;
  /** In the order of their versions; at most {@link MAX_RACERS}. */
  racers: readonly Racer[];
  /** What became of the racers up to the end of the race, in the order of the log. */
  fates: readonly RaceFate[];
  /** Ops that took part and are not among the racers. */
  omitted: number;
  /** All that the erasing write did to others. */
  effect: WriteEffect;
}

/** How many ops a write put out of the counter, and how many it brought back into it. */
export interface WriteEffect {
  lost: number;
  restored: number;
}

/** The writes of one lane in one epoch. */
interface LaneBook {
  epoch: number;
  lane: LaneId;
  byVersion: Map<number, Racer>;
  byOp: Map<string, Racer>;
  fatesBy: Map<number, RaceFate[]>;
  fatesOf: Map<string, RaceFate[]>;
  /** By version, from the events alone: ops without times count, too. */
  effects: Map<number, WriteEffect>;
}

/** The races of a log, epoch after epoch. Takes events in order; makes a race when it is asked for. */
export class RaceBook {
  readonly #lanes = new Map<string, LaneBook>();
  readonly #races: { book: LaneBook; version: number; seq: number }[] = [];
  readonly #placeOf = new Map<number, number>();

  /** How many races there are. */
  get count(): number {
    return this.#races.length;
  }

  /** Epoch and `seq` of the newest race; null before the first. */
  get newest(): { epoch: number; seq: number } | null {
    const race = this.#races.at(-1);
    return race ? { epoch: race.book.epoch, seq: race.seq } : null;
  }

  /** The next event. Events that no race needs are passed over. */
  take(event: RoomEvent): void {
    if (event.kind === 'allocated') {
      const racer = racerOf(event.body, event.seq);
      if (!racer) return;
      const book = this.#bookOf(event.epoch, event.body.lane);
      book.byVersion.set(racer.version, racer);
      book.byOp.set(racer.op, racer);
    } else if (event.kind === 'lost' || event.kind === 'restored') {
      this.#takeFate(event);
    }
  }

  /** The race at a place, from 0; null when there is none. */
  race(place: number): Race | null {
    const found = this.#races[place];
    return found ? raceOf(found.book, found.version, found.seq, place + 1) : null;
  }

  /** Place of the race that a `lost` event belongs to; null when it is in none. */
  placeOf(seq: number): number | null {
    return this.#placeOf.get(seq) ?? null;
  }

  /** At most `most` races, among them the one at `place`, as far in their middle as there are others. */
  around(place: number, most: number): Race[] {
    const from = Math.max(0, Math.min(place - Math.floor(most / 2), this.count - most));
    const length = Math.max(0, Math.min(most, this.count - from));
    return Array.from({ length }, (_, index) => this.race(from + index)).filter((race) => race !== null);
  }

  #takeFate(event: EventOf<'lost' | 'restored'>): void {
    const { body } = event;
    const book = this.#bookOf(event.epoch, body.lane);
    const effect = book.effects.get(body.version) ?? { lost: 0, restored: 0 };
    effect[event.kind] += 1;
    book.effects.set(body.version, effect);
    const by = book.byOp.get(body.by);
    if (!by || !book.byOp.has(body.op)) return;
    const fate = fateOf(event.kind, event.seq, body, by);
    addTo(book.fatesBy, by.version, fate);
    addTo(book.fatesOf, body.op, fate);
    if (event.kind === 'restored') return;
    const newest = this.#races.at(-1);
    const isFirst = newest?.book !== book || newest.version !== by.version;
    if (isFirst) this.#races.push({ book, version: by.version, seq: event.seq });
    this.#placeOf.set(event.seq, this.#races.length - 1);
  }

  #bookOf(epoch: number, lane: LaneId): LaneBook {
    const key = `${epoch} ${lane}`;
    const known = this.#lanes.get(key);
    if (known) return known;
    const maps = { byVersion: new Map(), byOp: new Map(), fatesBy: new Map(), fatesOf: new Map() };
    const book: LaneBook = { epoch, lane, ...maps, effects: new Map() };
    this.#lanes.set(key, book);
    return book;
  }
}

/** The races of a log, at most the newest `most` of them, in the order in which they happened. */
export function racesOf(events: Iterable<RoomEvent>, most = Infinity): Race[] {
  const book = new RaceBook();
  for (const event of events) book.take(event);
  return book.around(book.count - 1, Math.min(most, book.count));
}

/** True when the writes of a race were sent in another order than the database made their versions. */
export function isSentOutOfOrder({ racers }: Pick<Race, 'racers'>): boolean {
  return racers.some((racer, index) => racer.wroteAtMs < (racers[index - 1]?.wroteAtMs ?? -Infinity));
}

function addTo<K>(lists: Map<K, RaceFate[]>, key: K, fate: RaceFate): void {
  const list = lists.get(key);
  if (list) list.push(fate);
  else lists.set(key, [fate]);
}

function racerOf(body: AllocatedBody, seq: number): Racer | null {
  const { readAtMs, wroteAtMs } = body;
  if (!isWrite(body) || readAtMs === undefined || wroteAtMs === undefined) return null;
  const { lane: _lane, ...write } = body;
  return { ...write, seq, readAtMs, wroteAtMs };
}

function fateOf(kind: RaceFate['kind'], seq: number, body: FateBody, by: Racer): RaceFate {
  const { lane: _lane, by: _by, parentVersion: _parent, ...fate } = body;
  return { ...fate, seq, kind, version: by.version, atMs: by.wroteAtMs };
}

/**
 * Whoever took part: the write that erased, what it erased, who brought the pictured one back, what else came back by it,
 * and the writes that it did not see because they were made after its reading.
 */
function raceOf(book: LaneBook, version: number, seq: number, number: number): Race | null {
  const by = book.byVersion.get(version);
  const told = book.fatesBy.get(version) ?? [];
  const touched = (kind: RaceFate['kind']) =>
    told.flatMap((fate) => (fate.kind === kind ? (book.byOp.get(fate.op) ?? []) : []));
  const lost = touched('lost');
  const erased = lost.find(({ parentVersion }) => parentVersion === by?.parentVersion) ?? lost[0];
  if (!by || !erased) return null;
  const back = book.fatesOf
    .get(erased.op)
    ?.find((fate) => fate.kind === 'restored' && fate.version > version);
  const backBy = back && book.byVersion.get(back.version);
  const unseen: Racer[] = [];
  for (let each = version - 1; each > by.parentVersion; each--) {
    const racer = book.byVersion.get(each);
    if (racer) unseen.push(racer);
  }
  const all = new Set([by, erased, ...(backBy ? [backBy] : []), ...lost, ...touched('restored'), ...unseen]);
  const racers = [...all].slice(0, MAX_RACERS).sort((a, b) => a.version - b.version);
  const end = Math.max(version, backBy?.version ?? 0);
  const fates = racers
    .flatMap(({ op }) => book.fatesOf.get(op) ?? [])
    .filter((fate) => fate.version <= end)
    .sort((a, b) => a.seq - b.seq);
  const omitted = all.size - racers.length;
  const { epoch, lane } = book;
  // Events that come later add to the book's own count.
  const effect = { ...(book.effects.get(version) ?? { lost: 0, restored: 0 }) };
  return { number, epoch, lane, seq, by: by.op, erased: erased.op, racers, fates, omitted, effect };
}
