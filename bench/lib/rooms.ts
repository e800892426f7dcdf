/** Rooms and bare objects with phones on them: what every measure begins with. */
import { Phone } from '../../scripts/crowd/phone.mjs';
import type { Session, Site } from '../../scripts/crowd/site.mjs';
import { Refused } from '../../scripts/crowd/site.mjs';
import { setTimeout as pause } from 'node:timers/promises';

/** Sockets that are opened at once. */
const CONNECTS_AT_ONCE = 32;
/** Stock that no measure sells out, unless that is what it is about: the most a SKU may have. */
export const PLENTY = 100_000;

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
  { timesFrames = false } = {},
): Phone {
  const url = `${site.url.replace('http', 'ws')}/parties/room/${session.show}.${skuId}`;
  return new Phone({ url, token: session.token, timesFrames });
}

/** A phone on a bare object. */
export function barePhone(site: Site, kind: 'echo' | 'write' | 'naive', name: string): Phone {
  return new Phone({ url: `${site.url.replace('http', 'ws')}/${kind}/${name}`, greeted: false });
}

/** Connects all of them. */
export async function connectAll(phones: readonly Phone[]): Promise<void> {
  const left = [...phones];
  const connectOn = async () => {
    for (let phone = left.pop(); phone; phone = left.pop()) await phone.connect();
  };
  await Promise.all(Array.from({ length: CONNECTS_AT_ONCE }, connectOn));
}

/** Hangs up on all of them. */
export function closeAll(phones: readonly Phone[]): void {
  for (const phone of phones) phone.close();
}

/** As many phones on a bare object, connected. */
export async function barePhones(
  site: Site,
  kind: 'echo' | 'write' | 'naive',
  name: string,
  count: number,
): Promise<Phone[]> {
  const phones = Array.from({ length: count }, () => barePhone(site, kind, name));
  await connectAll(phones);
  return phones;
}
