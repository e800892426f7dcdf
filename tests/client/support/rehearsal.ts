/** A rehearsal under a test's own clock: shows without a browser, and screens that hear what they are told. */
import type { RoomEvent } from '#lib/domain/events.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { Down, DownOf } from '#lib/protocol/down.ts';
import { parseDown } from '#lib/protocol/down.ts';
import type { Role } from '#lib/protocol/http.ts';
import type { Up } from '#lib/protocol/up.ts';
import { answerCall } from '#lib/rehearsal/calls.ts';
import type { CallAnswer } from '#lib/rehearsal/envelope.ts';
import { randomFor, uuidFrom } from '#lib/rehearsal/random.ts';
import type { Beginning, Session } from '#lib/rehearsal/show.ts';
import { Show } from '#lib/rehearsal/show.ts';

/** When every rehearsal of the tests began, Unix milliseconds. */
export const BEGAN_AT_MS = 1_800_000_000_000;
export const SKU = { id: 'ticket', name: 'Concert ticket', capacity: 100, unitPrice: 150 };

/** A show that has just begun. */
export function begin(change: Partial<Beginning> = {}): Show {
  return new Show({ show: 'REHEAR', skus: [SKU], mode: 'safe', step: 1, seed: 7, ...change }, BEGAN_AT_MS);
}

/** A screen in a room: everything that it heard, in order. */
export class TestScreen {
  readonly heard: Down[] = [];
  readonly session: Session;
  hungUp: { code: number; reason: string } | null = null;
  readonly #say: ((text: string) => void) | null;
  readonly leave: () => void;
  readonly #random: () => number;

  constructor(
    show: Show,
    role: Role,
    options: { session?: Session; since?: [epoch: number, seq: number] } = {},
  ) {
    this.session = options.session ?? show.join(role);
    this.#random = randomFor(1, this.session.label);
    const line = {
      hear: (text: string) => {
        const message = parseDown(text);
        if (message) this.heard.push(message);
      },
      hangUp: (code: number, reason: string) => {
        this.hungUp = { code, reason };
      },
    };
    const resume = options.since ? { epoch: options.since[0], since: options.since[1] } : null;
    const entered = show.enter('ticket', this.session, line, resume);
    this.#say = entered ? (text) => entered.say(text) : null;
    this.leave = () => entered?.leave();
  }

  say(message: Up): void {
    this.sayText(JSON.stringify(message));
  }
  sayText(text: string): void {
    this.#say?.(text);
  }

  /** Taps once; returns the op's id. */
  tap({ op = uuidFrom(this.#random), units = 1, epoch = this.state.epoch }: Tap = {}): string {
    this.say({ t: 'allocate', op, units, epoch });
    return op;
  }

  of<K extends Down['t']>(kind: K): DownOf<K>[] {
    return this.heard.filter((message): message is DownOf<K> & Down => message.t === kind);
  }

  get state(): RoomState {
    const told = this.heard.filter((message) => message.t === 'welcome' || message.t === 'frame').at(-1);
    if (!told) throw new Error('This screen has not been told anything.');
    return told.state;
  }

  /** Events of all frames, and the gaps between them: none. */
  get stream(): { events: RoomEvent[]; gaps: string[] } {
    const gaps: string[] = [];
    const events: RoomEvent[] = [];
    let seq: number | null = null;
    for (const message of this.heard) {
      if (message.t === 'welcome') seq = message.seq;
      if (message.t !== 'frame') continue;
      if (seq !== null && message.from !== seq + 1) gaps.push(`${message.from} after ${seq}`);
      if (message.events.length + message.omitted !== message.seq - message.from + 1)
        gaps.push(`${message.seq}`);
      seq = message.seq;
      events.push(...message.events);
    }
    return { events, gaps };
  }
}

interface Tap {
  op?: string;
  units?: number;
  epoch?: number;
}

/** Makes a call as somebody, and lets time go on until it is answered. */
export function call(
  show: Show,
  session: Session | null,
  method: string,
  path: string,
  body?: unknown,
  key?: string,
): { status: number; json: Answer } {
  let answer: CallAnswer | null = null;
  const headers = {
    authorization: `Bearer ${session?.token ?? ''}`,
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  answerCall(show, { method, path, body: text, headers }, (given) => (answer = given));
  const until = show.schedule.nowMs + 120_000;
  while (answer === null && show.schedule.nowMs < until) show.schedule.advance(show.schedule.nowMs + 50);
  const { status, text: said } = answer as unknown as CallAnswer;
  return { status, json: JSON.parse(said.split('\n')[0] ?? '') as Answer };
}

/** An envelope, looked at field by field. */
export interface Answer {
  success: boolean;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- looked at field by field
  data: any;
  error?: { code: string; message: string; retryAfterMs?: number };
  meta: { virtualCosts: number; guardrailTriggered: boolean };
}

/** Lets a crowd play for a while in a mode, and everything settle. */
export function play(
  show: Show,
  mode: Mode,
  { shoppers, seconds, seed = 7 }: { shoppers: number; seconds: number; seed?: number },
): void {
  room(show).control('presenter', { mode });
  show.letIn('ticket', { seed, shoppers, seconds });
  show.schedule.advance(show.schedule.nowMs + seconds * 1_000 + 3_000);
}

/** The events of its log. */
export function eventsOf(show: Show): RoomEvent[] {
  return room(show).lines.map((line) => JSON.parse(line) as RoomEvent);
}

/** The one room. */
export function room(show: Show) {
  const only = show.rooms.get('ticket');
  if (!only) throw new Error('The show sells tickets.');
  return only;
}
