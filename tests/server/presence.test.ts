/** Who is there: counted from what the platform remembers of pings, without waking anybody. */
import { describe, expect, it } from 'vitest';
import {
  MAX_PRESENTER_BYTES,
  MAX_SILENT_BYTES,
  MAX_SILENT_MS,
  MAX_UNSEEN_BYTES,
} from '#lib/protocol/limits.ts';
import { confirm, hear, Connections, sendTo, setHidden } from '#lib/room/connections.ts';
import type { Attachment, Connection, Subscriber } from '#lib/room/connections.ts';
import type { Pings } from '#server/room/pings.ts';
import { Presence } from '#server/room/presence.ts';

const START = 1_000_000;

/** A room with people whose last pings, and what they are sent, are set by hand. */
class Hall {
  readonly connections = new Connections();
  readonly pings = new Map<Connection['socket'], number>();
  readonly closed: string[] = [];
  /** Event up to which everybody has been told. */
  told = 0;
  /** By how much the clock of the wall was set forward. */
  wallAheadMs = 0;
  #nowMs = START;
  readonly presence: Presence;

  constructor() {
    const pings: Pings = {
      lastAtMs: (socket) => this.pings.get(socket) ?? null,
      answeredBy: () => undefined,
      now: () => this.#nowMs + this.wallAheadMs,
    };
    this.presence = new Presence(this.connections, pings, START);
  }

  join(label: string, role: 'participant' | 'presenter' = 'participant'): Connection {
    const close = (code: number) => this.closed.push(`${label} ${code}`);
    const socket = { send: () => undefined, close } as unknown as Subscriber;
    const caller = { sessionId: label, label, role, expiresAt: Infinity, ipHash: '' };
    return this.connections.add(socket, caller, 0, START);
  }

  look(nowMs: number, isBehind = false): boolean {
    this.#nowMs = nowMs;
    return this.presence.look(nowMs, { toldTo: () => this.told }, isBehind);
  }

  get phones(): number {
    return this.connections.people().phones;
  }
}

describe('people', () => {
  it('are not counted once they pinged and fell silent, and are again when they ping', () => {
    const hall = new Hall();
    const anna = hall.join('Anna');
    hall.join('Ben');
    hall.pings.set(anna.socket, START);
    expect(hall.look(START + 7_000)).toBe(false);
    expect(hall.phones).toBe(2);
    expect(hall.look(START + 9_000)).toBe(true);
    expect(hall.phones).toBe(1);
    hall.pings.set(anna.socket, START + 10_000);
    expect(hall.look(START + 11_000)).toBe(true);
    expect(hall.phones).toBe(2);
  });

  it('whose pages are hidden count from one ping a minute to the next, and no longer than that', () => {
    const hall = new Hall();
    const [pocket, gone, back] = [hall.join('Pocket'), hall.join('Gone'), hall.join('Back')];
    const all = [pocket, gone, back];
    for (const connection of all) {
      hall.pings.set(connection.socket, START);
      setHidden(connection, true);
    }
    const counted = new Set<number>();
    for (let now = START; now <= START + 180_000; now += 5_000) {
      hall.pings.set(pocket.socket, now - ((now - START) % 60_000));
      hall.pings.set(back.socket, now - ((now - START) % 60_000));
      hall.look(now);
      if (now - START <= 75_000) counted.add(hall.phones);
    }
    expect([...counted], 'while the first one is only late').toEqual([3]);
    expect([hall.phones, gone.absent]).toEqual([2, true]);
    // In sight again, it pings every few seconds, and is missed as soon as any other.
    setHidden(back, false);
    hall.look(START + 189_000);
    expect([hall.phones, back.absent]).toEqual([1, true]);
  });

  it('whose pages are hidden are known as such to a room that woke up anew, and after their session was renewed', () => {
    let kept: Attachment | undefined;
    const caller = { sessionId: 'a', label: 'Anna', role: 'participant', expiresAt: 1, ipHash: '' } as const;
    const socket: Subscriber = { send() {}, close() {}, setState: (state) => (kept = state) };
    const before = new Connections();
    setHidden(before.add(socket, caller, 0, START), true);
    before.renew('a', 2);
    const after = new Connections().add(socket, kept!, 0, START);
    expect(after.caller).toEqual({ ...caller, expiresAt: 2, isHidden: true });
  });

  it('who never ping are believed while they are sent nothing, however silent they are', () => {
    const hall = new Hall();
    hall.join('Anna');
    expect(hall.look(START + 3_600_000)).toBe(false);
    expect(hall.phones).toBe(1);
    expect(hall.closed).toEqual([]);
  });

  it('who are sent something and give no sign of life are not counted, and then closed', () => {
    const hall = new Hall();
    const [mute, talks] = [hall.join('Mute'), hall.join('Talks')];
    let goneAtMs = 0;
    for (let now = START; hall.closed.length === 0 && now < START + 300_000; now += 5_000) {
      sendTo(mute, 'a frame');
      sendTo(talks, 'a frame');
      hear(talks, now);
      hall.look(now);
      if (hall.phones === 1) goneAtMs ||= now;
    }
    expect(hall.closed).toEqual(['Mute 4408']);
    expect(goneAtMs - START).toBeLessThanOrEqual(40_000);
    expect(hall.phones).toBe(1);
  });

  it('who were sent more than a minute of the fullest room since their last sign of life are closed', () => {
    const hall = new Hall();
    const [pings, slow] = [hall.join('Pings'), hall.join('Slow')];
    hall.pings.set(pings.socket, START + 1);
    const frame = 'x'.repeat(20_000);
    for (let count = 0; count * frame.length <= MAX_SILENT_BYTES; count++) {
      for (const connection of [pings, slow]) sendTo(connection, frame);
    }
    hall.look(START + 5_000);
    expect(hall.closed).toEqual(['Slow 4408']);
  });

  it('whose pages are hidden may leave more than that unread, because their next ping is a minute away', () => {
    const hall = new Hall();
    const [hidden, dead] = [hall.join('Hidden'), hall.join('Dead')];
    for (const connection of [hidden, dead]) {
      hall.pings.set(connection.socket, START);
      setHidden(connection, true);
    }
    hall.look(START);
    // The fullest room, and two minutes of it.
    for (let now = START + 5_000; now <= START + 120_000; now += 5_000) {
      for (const connection of [hidden, dead]) sendTo(connection, 'x'.repeat(100_000));
      if (now - START === 60_000) hall.pings.set(hidden.socket, now);
      hall.look(now);
    }
    expect(hall.closed).toEqual(['Dead 4408']);
  });

  it('a presenter’s program that takes every event down without a word is left in peace', () => {
    const hall = new Hall();
    const [reads, stands] = [hall.join('Reads', 'presenter'), hall.join('Stands', 'presenter')];
    sendTo(reads, 'x'.repeat(2 * MAX_UNSEEN_BYTES));
    sendTo(stands, 'x'.repeat(MAX_PRESENTER_BYTES + 1));
    hall.look(START + 5_000);
    hall.look(START + 5_000 + 2 * MAX_SILENT_MS);
    expect(hall.closed).toEqual(['Stands 4408']);
  });

  it('who ping and claim to have seen what they were never told are closed all the same', () => {
    const hall = new Hall();
    const [reads, claims] = [hall.join('Reads'), hall.join('Claims')];
    const frame = 'x'.repeat(40_000);
    for (let count = 0; count * frame.length <= 2 * MAX_UNSEEN_BYTES; count++) {
      hall.told += 1;
      for (const connection of [reads, claims]) {
        sendTo(connection, frame);
        hall.pings.set(connection.socket, START + count);
      }
      confirm(reads, hall.told - 1, hall.told);
      confirm(claims, hall.told + 1_000_000, hall.told);
      hall.look(START + count);
    }
    expect(hall.closed).toEqual(['Claims 4408']);
  });

  it('who have seen every event owe no word for frames that hold none', () => {
    const hall = new Hall();
    const stage = hall.join('Stage', 'presenter');
    hall.told = 7;
    confirm(stage, 7, 7);
    for (let count = 0; count < 2_000; count++) {
      sendTo(stage, 'x'.repeat(4_000));
      hall.pings.set(stage.socket, START + count);
      hall.look(START + count);
    }
    expect(hall.closed).toEqual([]);
  });

  it('are not judged while the room reads late what they say', () => {
    const hall = new Hall();
    const anna = hall.join('Anna');
    sendTo(anna, 'x'.repeat(2 * MAX_SILENT_BYTES));
    hall.look(START, true);
    hall.look(START + 100_000, true);
    expect([hall.phones, hall.closed]).toEqual([1, []]);
  });

  it('who are gone for minutes are let go, and a page held to one ping a minute is not', () => {
    const hall = new Hall();
    const gone = hall.join('Anna');
    const slow = hall.join('Ben');
    hall.pings.set(gone.socket, START);
    for (let now = START; now < START + 301_000; now += 20_000) {
      hall.pings.set(slow.socket, now - (now % 60_000));
      hall.look(now);
    }
    hall.look(START + 301_000);
    expect(hall.closed).toEqual(['Anna 4408']);
  });

  it('stay when the clock of the wall is set, forward or back', () => {
    const hall = new Hall();
    const anna = hall.join('Anna');
    let now = START;
    for (const aheadMs of [0, 3_600_000, -3_600_000]) {
      for (let look = 0; look < 12; look++) {
        // It is set between the ping and the look.
        hall.pings.set(anna.socket, now + hall.wallAheadMs);
        hall.wallAheadMs = aheadMs;
        hall.look((now += 5_000));
        expect([hall.phones, hall.closed], `${aheadMs} ms`).toEqual([1, []]);
      }
    }
  });

  it('who fell silent while the room slept are missed at its first look', () => {
    const hall = new Hall();
    const anna = hall.join('Anna');
    hall.pings.set(anna.socket, START - 9_000);
    hall.look(START);
    expect(hall.phones).toBe(0);
  });

  it('are looked for within the 30 s in which their number is right again, and only while phones are there', () => {
    const hall = new Hall();
    hall.join('Stage', 'presenter');
    expect(hall.presence.nextLook()).toBe(Infinity);
    hall.join('Anna');
    const silentAfterMs = 8_000;
    expect(hall.presence.nextLook() + silentAfterMs - START).toBeLessThan(30_000);
    // A silent room falls asleep 10 s after the last thing that happened; the look must leave it that time.
    expect(hall.presence.nextLook() - START).toBeGreaterThan(20_000);
  });
});
