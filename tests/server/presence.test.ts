/** Who is there: counted from what the platform remembers of pings, without waking anybody. */
import type { Connection } from 'partyserver';
import { describe, expect, it } from 'vitest';
import { Members } from '#server/room/members.ts';
import type { Attachment, Member } from '#server/room/members.ts';
import { Presence } from '#server/room/presence.ts';

const START = 1_000_000;

/** A room with people whose last pings are set by hand. */
class Hall {
  readonly members = new Members();
  readonly pings = new Map<Member['socket'], number>();
  readonly closed: string[] = [];
  readonly presence = new Presence(this.members, (socket) => this.pings.get(socket) ?? null, START);

  join(label: string, role: 'participant' | 'presenter' = 'participant'): Member {
    const close = () => this.closed.push(label);
    const socket = { send: () => undefined, close } as unknown as Connection<Attachment>;
    const caller = { sessionId: label, label, role, expiresAt: Infinity, ipHash: '' };
    return this.members.add(socket, caller, 0, START);
  }

  get phones(): number {
    return this.members.people().phones;
  }
}

describe('people', () => {
  it('are not counted once they pinged and fell silent, and are again when they ping', () => {
    const hall = new Hall();
    const anna = hall.join('Anna');
    hall.join('Ben');
    hall.pings.set(anna.socket, START);
    expect(hall.presence.look(START + 7_000)).toBe(false);
    expect(hall.phones).toBe(2);
    expect(hall.presence.look(START + 9_000)).toBe(true);
    expect(hall.phones).toBe(1);
    hall.pings.set(anna.socket, START + 10_000);
    expect(hall.presence.look(START + 11_000)).toBe(true);
    expect(hall.phones).toBe(2);
  });

  it('who never ping are believed, however silent they are', () => {
    const hall = new Hall();
    hall.join('Anna');
    expect(hall.presence.look(START + 3_600_000)).toBe(false);
    expect(hall.phones).toBe(1);
    expect(hall.closed).toEqual([]);
  });

  it('who are gone for minutes are let go, and a page held to one ping a minute is not', () => {
    const hall = new Hall();
    const gone = hall.join('Anna');
    const slow = hall.join('Ben');
    hall.pings.set(gone.socket, START);
    for (let now = START; now < START + 301_000; now += 20_000) {
      hall.pings.set(slow.socket, now - (now % 60_000));
      hall.presence.look(now);
    }
    hall.presence.look(START + 301_000);
    expect(hall.closed).toEqual(['Anna']);
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
