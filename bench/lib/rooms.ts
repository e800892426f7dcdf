/** Opens rooms and bare objects with phones on them, as every measure needs. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Session, Site } from '../../scripts/crowd/site.mjs';
import { Refused } from '../../scripts/crowd/site.mjs';
import { forEach } from '../../scripts/lib/at-once.mjs';
import type { Bench } from './bench.ts';
import type { PhoneOptions } from './raw-phone.ts';
import { RawPhone } from './raw-phone.ts';

/** The bare objects of bench/bare that a phone can be on. */
export type BareKind = 'echo' | 'write' | 'naive' | 'party' | 'fan';
/** Options of a phone on a room that a measure may set. */
export type PhoneHabits = Pick<PhoneOptions, 'mode' | 'timesFrames' | 'keepsNewest'>;

/** Sockets that are opened at once. */
const CONNECTS_AT_ONCE = 32;
/** Stock that no measure sells out by accident: the most that a SKU may have. */
export const PLENTY = 100_000;
/** SKUs of one show: the most that it may have. */
const ROOMS = 5;

/** Opens a show with `rooms` SKUs of the same capacity; waits when this address has opened too many. */
export async function openShow(
  site: Site,
  debugToken: string,
  { rooms = 1, capacity = PLENTY }: { rooms?: number; capacity?: number } = {},
): Promise<Session> {
  const skus = Array.from({ length: rooms }, (_, index) => ({ id: `room-${index + 1}`, capacity }));
  for (;;) {
    try {
      return await site.openShow(debugToken, skus);
    } catch (error) {
      // Ten presenters a minute from one address is the contract's limit, and a benchmark is one address.
      if (!(error instanceof Refused) || error.code !== 'RATE_LIMITED') throw error;
      await pause(error.retryAfterMs);
    }
  }
}

/** A phone of a session, not connected yet. */
export function phoneOf(
  site: Site,
  session: Session,
  skuId = session.skuIds[0] ?? '',
  habits: PhoneHabits = {},
): RawPhone {
  const url = `${site.url}/parties/room/${session.show}.${skuId}`;
  return new RawPhone({ url, token: session.token, ...habits });
}

/** Connects all phones, `atOnce` at a time. */
export function connectAll(phones: readonly RawPhone[], atOnce = CONNECTS_AT_ONCE): Promise<void> {
  return forEach(phones, atOnce, (phone) => phone.connect());
}

/** Closes all phones' sockets. */
export function closeAll(phones: readonly RawPhone[]): void {
  for (const phone of phones) phone.close();
}

/** `count` phones on a bare object, not connected yet. */
export function barePhonesOf(site: Site, kind: BareKind, name: string, count: number): RawPhone[] {
  return Array.from(
    { length: count },
    () => new RawPhone({ url: `${site.url}/${kind}/${name}`, greeted: false }),
  );
}

/** {@link barePhonesOf}, connected. */
export async function barePhones(
  site: Site,
  kind: BareKind,
  name: string,
  count: number,
): Promise<RawPhone[]> {
  const phones = barePhonesOf(site, kind, name, count);
  await connectAll(phones);
  return phones;
}

/** A room with connected phones. */
export interface Room {
  show: Session;
  skuId: string;
  /** Connected, in the order of their joining. */
  phones: RawPhone[];
}

/** Hands out one fresh room after the other for the same people, so that each starts with a full rate limit. */
export class Rooms {
  readonly #bench: Bench;
  readonly #people: number;
  readonly #habits: PhoneHabits;
  #show: Session | null = null;
  #sessions: Session[] = [];
  #used = 0;

  constructor(bench: Bench, people: number, habits: PhoneHabits = {}) {
    this.#bench = bench;
    this.#people = people;
    this.#habits = habits;
  }

  /** Opens the next room. @param people how many of the people join it */
  async next(people = this.#people): Promise<Room> {
    const { ours, debugToken } = this.#bench;
    const place = this.#used % ROOMS;
    if (this.#show === null || place === 0) {
      this.#show = await openShow(ours, debugToken, { rooms: ROOMS });
      this.#sessions = await ours.joinAll(this.#show.show, this.#people);
    }
    this.#used += 1;
    const show = this.#show;
    const skuId = show.skuIds[place] ?? '';
    const { mode } = this.#habits;
    if (mode !== undefined) await ours.call('/demo/control', { token: show.token, body: { skuId, mode } });
    const phones = this.#sessions
      .slice(0, people)
      .map((session) => phoneOf(ours, session, skuId, this.#habits));
    await connectAll(phones);
    return { show, skuId, phones };
  }
}
