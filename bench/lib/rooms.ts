/** Rooms and bare objects with phones on them: what every measure begins with. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Session, Site } from '../../scripts/crowd/site.mjs';
import { Refused } from '../../scripts/crowd/site.mjs';
import type { Bench } from './bench.ts';
import type { PhoneOptions } from './raw-phone.ts';
import { RawPhone } from './raw-phone.ts';

/** The bare objects of bench/bare that a phone can be on. */
export type BareKind = 'echo' | 'write' | 'naive' | 'party' | 'fan';
/** What a phone on a room may be told to do besides. */
export type PhoneHabits = Pick<PhoneOptions, 'mode' | 'timesFrames' | 'keepsNewest'>;

/** Sockets that are opened at once. */
const CONNECTS_AT_ONCE = 32;
/** Stock that no measure sells out, unless that is what it is about: the most a SKU may have. */
export const PLENTY = 100_000;
/** Rooms of one show: the most that it may have. */
const ROOMS = 5;

/** A show of as many rooms as asked for, each with plenty of the same stock. */
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

/** Connects all of them. */
export async function connectAll(phones: readonly RawPhone[], atOnce = CONNECTS_AT_ONCE): Promise<void> {
  const left = [...phones];
  const connectOn = async () => {
    for (let phone = left.pop(); phone; phone = left.pop()) await phone.connect();
  };
  await Promise.all(Array.from({ length: atOnce }, connectOn));
}

/** Hangs up on all of them. */
export function closeAll(phones: readonly RawPhone[]): void {
  for (const phone of phones) phone.close();
}

/** As many phones on a bare object, not connected yet. */
export function barePhonesOf(site: Site, kind: BareKind, name: string, count: number): RawPhone[] {
  return Array.from(
    { length: count },
    () => new RawPhone({ url: `${site.url}/${kind}/${name}`, greeted: false }),
  );
}

/** The same, connected. */
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

/** A room with people in it. */
export interface Room {
  show: Session;
  skuId: string;
  /** Connected, in the order of their joining. */
  phones: RawPhone[];
}

/** Rooms in which the same people have not tapped yet, one after the other: nobody's rate limit is used up by the room before. */
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

  /** The next one. @param people how many of them come, if not all */
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
