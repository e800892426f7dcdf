/** What a measure is given: both hosts, shows and phones on them, the options, and how to report. */
import type { PhoneOptions } from '../../scripts/crowd/phone.ts';
import { Phone } from '../../scripts/crowd/phone.ts';
import type { Session, Site } from '../../scripts/crowd/site.ts';
import { forEach } from '../../scripts/crowd/site.ts';
import type { Figure } from './figures.ts';
import { SAFE } from './lanes.ts';
import type { BenchOptions } from './options.ts';
import type { Table } from './table.ts';

/** One measure. It runs in the load process, against hosts that are up. */
export interface Measure {
  name: string;
  /** When earlier load on the same hosts would distort it: it then runs one round at a time, each on new hosts. */
  fresh?: true;
  /** When `--short` has too few phones or too little time for it. */
  longOnly?: true;
  run: (bench: Bench) => Promise<Figure[]>;
}

/** The bare objects of bench/bare that a phone can be on. */
type BareKind = 'echo' | 'write' | 'naive' | 'party' | 'fan';
/** Options of a phone on a room that a measure may set. */
type PhoneHabits = Pick<PhoneOptions, 'mode' | 'timesFrames' | 'keepsNewest'>;

/** A room with connected phones. */
export interface Room {
  show: Session;
  skuId: string;
  /** Those who have joined the show. */
  sessions: Session[];
  /** Connected, in the order of their joining. */
  phones: Phone[];
}

/** Rooms that a measure asks for. A mode among the habits becomes the room's. */
interface RoomOptions extends PhoneHabits {
  /** SKUs of one show. */
  rooms?: number;
  /** Units of each. */
  capacity?: number | undefined;
  /** Lanes of the show; the usual ones when missing. */
  lanes?: readonly string[];
  /** Step of the script that the room is put at. */
  step?: number;
}

/** How rounds are measured; `told` is added to the line of each. */
interface RoundsOptions<R> {
  warmsUp?: boolean;
  told?: (made: R) => string;
  most?: number;
}

/** Sockets that are opened at once. */
const CONNECTS_AT_ONCE = 32;
/** Stock that no measure sells out by accident: the most that a SKU may have. */
const PLENTY = 100_000;
/** SKUs of one show: the most that it may have. */
const ROOMS = 5;

/** Where and how a measure runs. */
interface Given {
  ours: Site;
  bare: Site;
  /** The DEBUG_TOKEN of ours, which opens shows. */
  debugToken: string;
  /** Leaders of the hosts' process groups. */
  groups: { ours: number; bare: number };
  options: BenchOptions;
  /** Prints a line about the progress. */
  say: (line: string) => void;
  /** Adds a table to the results, for measures whose result is a curve. */
  table: (table: Table) => void;
}

/** What a measure is given. */
export type Bench = ReturnType<typeof benchOn>;

/** Everything that measures do with the hosts that are given. */
export function benchOn(given: Given) {
  const { ours, bare, debugToken, options, say } = given;

  /** Opens a show with `rooms` SKUs of the same capacity. */
  const openShow = ({ rooms = 1, capacity = PLENTY, lanes }: RoomOptions = {}): Promise<Session> => {
    const skus = Array.from({ length: rooms }, (_, index) => ({ id: `room-${index + 1}`, capacity }));
    return ours.openShow(debugToken, skus, lanes);
  };

  /** A phone of a session, not connected yet. */
  const phone = (session: Session, skuId = session.skuIds[0] ?? '', habits: PhoneHabits = {}): Phone => {
    const url = `${ours.url}/parties/room/${session.show}.${skuId}`;
    return new Phone({ url, token: session.token, mode: SAFE, ...habits });
  };

  /**
   * Hands out one fresh room after the other for the same people, so that each starts with a full rate limit.
   * @returns a function that opens the next room for all of them, or for fewer
   */
  const roomsFor = (
    people: number,
    { rooms = ROOMS, capacity, step, lanes, ...habits }: RoomOptions = {},
  ) => {
    let show: Session;
    let sessions: Session[];
    let used = 0;
    return async (here = people): Promise<Room> => {
      const place = used % rooms;
      used += 1;
      if (place === 0) {
        show = await openShow({ rooms, capacity, ...(lanes && { lanes }) });
        sessions = await ours.joinAll(show.show, people);
      }
      const skuId = show.skuIds[place] ?? '';
      const { mode } = habits;
      if (mode !== undefined) {
        const body = { skuId, mode, ...(step !== undefined && { step }) };
        await ours.call('/demo/control', { token: show.token, body });
      }
      const phones = await connectAll(sessions.slice(0, here).map((one) => phone(one, skuId, habits)));
      return { show, skuId, sessions, phones };
    };
  };

  /** A room of a new show, with `people` connected. */
  const room = (people: number, asked: RoomOptions = {}) => roomsFor(people, { rooms: 1, ...asked })();

  /** `count` phones on a bare object, not connected yet. */
  const barePhones = (kind: BareKind, name: string, count: number): Phone[] => {
    const url = `${bare.url}/${kind}/${name}`;
    return Array.from({ length: count }, () => new Phone({ url, mode: SAFE, greeted: false }));
  };

  /**
   * Measures as many rounds as were asked for, and tells of each. `warmsUp`: one more stands before them, which warms both
   * runtimes up and is not counted; the short form does without.
   */
  const rounds = async <R>(
    name: string,
    measure: (round: number) => Promise<R>,
    { warmsUp = false, told = () => '', most = Infinity }: RoundsOptions<R> = {},
  ): Promise<R[]> => {
    const times = Math.min(most, options.rounds);
    const made: R[] = [];
    for (let round = warmsUp && !options.short ? 0 : 1; round <= times; round += 1) {
      const one = await measure(round);
      say(`${name}: round ${round} of ${times}${told(one)}`);
      if (round > 0) made.push(one);
    }
    return made;
  };

  return { ...given, openShow, phone, roomsFor, room, barePhones, rounds };
}

/** Connects phones, `atOnce` at a time. Returns them. */
export async function connectAll(phones: Phone[], atOnce = CONNECTS_AT_ONCE): Promise<Phone[]> {
  await forEach(phones, atOnce, (phone) => phone.connect());
  return phones;
}

/** Closes all phones' sockets. */
export function closeAll(phones: readonly Phone[]): void {
  for (const phone of phones) phone.close();
}
