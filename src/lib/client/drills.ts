/**
 * The newest drill while it goes on: what it cut, and how long each client took to come back. All durations are those that
 * clients reported in `recovered` events. The number of connections that are back is the room's own count, because two screens
 * of one browser report once.
 */
import type { DrillKind, EventOf, Recovery, RoomEvent } from '#lib/domain/events.ts';
import { awayMs, spreadOf } from '#lib/domain/recovery.ts';
import type { Spread } from '#lib/domain/recovery.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { Changes } from './changes.ts';
import type { EventListener } from './room-view.ts';
import type { Cancel, Later } from './surroundings.ts';
import { browserLater } from './surroundings.ts';

/** How long a drill stays on stage after its newest report, milliseconds. */
export const FRESH_MS = 30_000;

/** The newest drill: what it cut, and how its clients came back. Durations are milliseconds that clients measured. */
export interface DrillPicture {
  /** `seq` of the drill's event. */
  seq: number;
  kind: DrillKind;
  /** Label of the presenter who asked for it. */
  by: string;
  /** Connections that were cut, or that a sleeping room had kept. */
  sockets: number;
  /** How many of them are there again; of a sleep, all of them. */
  back: number;
  /** In the order in which they came back. */
  clients: readonly Recovery[];
  /** From the cut, or the question, until each client was answered; null before the first report. */
  ms: Spread | null;
  /** Medians of the two parts of that: until the first retry, and from there on; null before the first report. */
  parts: { waitedMs: number; ms: number } | null;
  /** Events that clients were not told, all together. */
  missing: number;
  /** Of a sleep: the life that answered and the one before it, by their numbers. That it slept is said by a report only. */
  lives: { before: number; after: number } | null;
  /** The presenter has gone on to something else. */
  isOver: boolean;
}

/**
 * The picture after a batch of events. `there` is how many connections the room counts in the state that came with it; the
 * state that comes with the drill itself may still count those that are being cut.
 */
export function drillAfter(
  before: DrillPicture | null,
  events: readonly RoomEvent[],
  there: number,
): DrillPicture | null {
  const picture = events.reduce(afterEvent, before);
  if (!picture) return null;
  const counted = picture.seq === before?.seq ? there : 0;
  const back = Math.min(picture.sockets, Math.max(picture.back, picture.clients.length, counted));
  return back === picture.back ? picture : { ...picture, back };
}

/** The room as a board hears it. */
interface DrilledRoom {
  readonly state: RoomState | null;
  onEvents(listener: EventListener): () => void;
}

/**
 * Keeps the newest drill of a room, and says how long it is news: a cut from its beginning, a sleep once it was measured, each
 * until some seconds after the newest report or until the presenter goes on. Close it when its page goes.
 */
export class DrillBoard {
  #picture: DrillPicture | null = null;
  #isFresh = false;
  #cancel: Cancel | null = null;
  readonly #changes = new Changes();
  readonly #later: Later;
  readonly #stopListening: () => void;

  constructor(room: DrilledRoom, later: Later = browserLater) {
    this.#later = later;
    this.#stopListening = room.onEvents((events) => {
      const { phones, stages } = room.state?.people ?? { phones: 0, stages: 0 };
      this.#take(drillAfter(this.#picture, events, phones + stages));
    });
  }

  /** The newest drill that this page was told of. */
  get current(): DrillPicture | null {
    this.#changes.read();
    return this.#picture;
  }
  /** The same while it is news, else null. */
  get fresh(): DrillPicture | null {
    this.#changes.read();
    return this.#isFresh ? this.#picture : null;
  }

  /** Stops listening and its timer. */
  close(): void {
    this.#stopListening();
    this.#cancel?.();
  }

  #take(next: DrillPicture | null): void {
    const before = this.#picture;
    if (!next || next === before) return;
    this.#picture = next;
    if (next.isOver) this.#turn(false);
    else if (next.seq !== before?.seq || next.clients !== before.clients) this.#news(next);
    this.#changes.tell();
  }

  #news({ kind, clients }: DrillPicture): void {
    this.#turn(kind === 'drop' || clients.length > 0);
    if (!this.#isFresh) return;
    this.#cancel = this.#later(() => {
      this.#turn(false);
      this.#changes.tell();
    }, FRESH_MS);
  }

  #turn(isFresh: boolean): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#isFresh = isFresh;
  }
}

function afterEvent(picture: DrillPicture | null, event: RoomEvent): DrillPicture | null {
  if (event.kind === 'drill') return begun(event);
  if (!picture) return null;
  if (event.kind === 'recovered') {
    return event.body.drill === picture.seq ? reported(picture, event.body.clients) : picture;
  }
  return goesOn(event) ? { ...picture, isOver: true } : picture;
}

function begun({ seq, body: { kind, by, sockets, wakes } }: EventOf<'drill'>): DrillPicture {
  return {
    seq,
    kind,
    by,
    sockets,
    back: kind === 'sleep' ? sockets : 0,
    clients: [],
    ms: null,
    parts: null,
    missing: 0,
    // Lives are counted one by one: the one before this one had the number before.
    lives: kind === 'sleep' ? { before: wakes - 1, after: wakes } : null,
    isOver: false,
  };
}

function reported(picture: DrillPicture, more: readonly Recovery[]): DrillPicture {
  const clients = [...picture.clients, ...more];
  return {
    ...picture,
    clients,
    ms: spreadOf(clients.map((client) => awayMs(picture.kind, client))),
    parts: { waitedMs: medianOf(clients, 'waitedMs'), ms: medianOf(clients, 'ms') },
    missing: clients.reduce((sum, { missing }) => sum + missing, 0),
  };
}

function medianOf(clients: readonly Recovery[], part: 'waitedMs' | 'ms'): number {
  return spreadOf(clients.map((client) => client[part]))?.p50 ?? 0;
}

/** True for what a presenter does next. */
function goesOn(event: RoomEvent): boolean {
  if (event.kind === 'guardrail') return event.body.by === 'presenter';
  return ['mode', 'step', 'reset', 'closed'].includes(event.kind);
}
