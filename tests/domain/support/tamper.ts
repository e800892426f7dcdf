/** Ways to forge a log: on a copy, one thing at a time. */
import type { AllocatedBody, EventKind, EventOf, RoomEvent } from '#lib/domain/events.ts';
import { playShow } from './show.ts';
import type { Show, ShowPlan } from './show.ts';

/** What a forger does to a copy of the log: changes it in place, or gives another. */
export type Forgery = (events: RoomEvent[]) => RoomEvent[] | void;

/** A forged copy of a log. */
export function forged(events: readonly RoomEvent[], forgery: Forgery): RoomEvent[] {
  const copy = structuredClone(events) as RoomEvent[];
  return forgery(copy) ?? copy;
}

/** The first event of a kind that a test is about. Throws when the log has none. */
export function firstOf<K extends EventKind>(
  events: readonly RoomEvent[],
  kind: K,
  where: (event: EventOf<K>) => boolean = () => true,
): EventOf<K> {
  const found = events.find(
    (event): event is EventOf<K> => event.kind === kind && where(event as EventOf<K>),
  );
  if (!found) throw new Error(`The log has no such ${kind} event`);
  return found;
}

/** The first allocation of a lane that a test is about. */
export function firstAllocated(
  events: readonly RoomEvent[],
  lane: AllocatedBody['lane'],
  where: (body: AllocatedBody) => boolean = () => true,
): EventOf<'allocated'> {
  return firstOf(events, 'allocated', ({ body }) => body.lane === lane && where(body));
}

/** The log without one event. */
export function without(events: readonly RoomEvent[], event: RoomEvent): RoomEvent[] {
  return events.filter((other) => other !== event);
}

/** The log with an event put in behind another. */
export function behind(events: readonly RoomEvent[], event: RoomEvent, added: RoomEvent): RoomEvent[] {
  return events.flatMap((other) => (other === event ? [other, added] : [other]));
}

/** The first show from a plan, over growing seeds, that has what a test needs. */
export function showWith(plan: Omit<ShowPlan, 'seed'>, has: (show: Show) => boolean): Show {
  for (let seed = 1; seed <= 500; seed++) {
    const show = playShow({ ...plan, seed });
    if (has(show)) return show;
  }
  throw new Error('No generated show has what this test needs');
}

/** True for a show with an event of every kind that is named. */
export function hasKinds(show: Show, kinds: readonly EventKind[]): boolean {
  const told = new Set(show.events.map(({ kind }) => kind));
  return kinds.every((kind) => told.has(kind));
}
