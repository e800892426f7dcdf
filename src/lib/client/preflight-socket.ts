/**
 * The way to the room, measured: one real socket, its greeting, and a few pings that the platform answers without waking the
 * room. What a ping takes is the latency to here; how far the room's clock is from this device's is read off the greeting.
 */
import { phrase } from '#lib/language/phrase.ts';
import { parseDown } from '#lib/protocol/down.ts';
import type { Clock, Later } from './surroundings.ts';

/** Pings in a row: enough for a median and a bad one, over in a second or two. */
export const PINGS = 20;
/** How long the whole may take, milliseconds. */
const LIMIT_MS = 15_000;

/** What came of it. Times are milliseconds. */
export type SocketFinding =
  | {
      ok: true;
      /** From asking for the socket to the room's greeting. */
      greetedMs: number;
      /** Each ping's round trip, in their order. */
      rtts: readonly number[];
      /** What to add to this device's clock to get the room's, and how far that may be off either way. */
      clock: { offsetMs: number; uncertainMs: number };
    }
  | { ok: false; reason: string };

/** The part of a WebSocket that is used. */
export type ProbeSocket = Pick<WebSocket, 'send' | 'close' | 'onmessage' | 'onclose'>;

/** What a probe needs. */
export interface SocketProbeNeeds {
  open: () => ProbeSocket;
  clock: Clock;
  later: Later;
}

/** Opens a socket, measures, and closes it. Never rejects. */
export function probeSocket({ open, clock, later }: SocketProbeNeeds): Promise<SocketFinding> {
  return new Promise((resolve) => {
    const rtts: number[] = [];
    let greeting: { greetedMs: number; clock: { offsetMs: number; uncertainMs: number } } | null = null;
    let sentAt = 0;
    const askedAt = clock.monotonic();
    const socket = open();
    const finish = (finding: SocketFinding) => {
      cancel();
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
      resolve(finding);
    };
    const cancel = later(() => {
      const heard = greeting
        ? phrase(`${rtts.length} of ${PINGS} pings were answered within ${LIMIT_MS / 1_000} seconds`)
        : phrase(`the room did not greet within ${LIMIT_MS / 1_000} seconds`);
      finish({ ok: false, reason: heard });
    }, LIMIT_MS);
    const ping = () => {
      sentAt = clock.monotonic();
      socket.send('ping');
    };
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (typeof data !== 'string') return;
      if (!greeting) {
        const message = parseDown(data);
        if (message?.t !== 'welcome') return;
        greeting = greetingOf(message.now, clock.monotonic() - askedAt, clock.wall());
        ping();
      } else if (data === 'pong') {
        rtts.push(clock.monotonic() - sentAt);
        if (rtts.length < PINGS) ping();
        else finish({ ok: true, rtts, ...greeting });
      }
    };
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
      finish({ ok: false, reason: reason || phrase(`it was closed with code ${code}`) });
    };
  });
}

/** The room said its time somewhere between the question and the answer: the middle is off by half of that at most. */
function greetingOf(roomNow: number, greetedMs: number, wallNow: number) {
  return { greetedMs, clock: { offsetMs: roomNow - (wallNow - greetedMs / 2), uncertainMs: greetedMs / 2 } };
}
