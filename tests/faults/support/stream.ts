/**
 * A client's side of the stream's promises: every frame continues the one before it, a resume tells exactly what was
 * missed, and nothing that was told is taken back. What is broken is collected, for the test to find none of it.
 */
import type { RoomEvent } from '#lib/domain/events.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { DownOf } from '#lib/protocol/down.ts';
import type { Role } from '#lib/protocol/http.ts';
import { MAX_PARTICIPANT_EVENTS, MAX_RESUME_EVENTS } from '#lib/protocol/limits.ts';

/** What one client has seen of one room, over all of its connections. */
export class StreamWatch {
  epoch = 0;
  seq = 0;
  state: RoomState | null = null;
  frames = 0;
  /** Resumes that told what was missed, and those that could only give a snapshot. */
  recovered = 0;
  snapshots = 0;
  /** Hash of each event that was shown, and of each `seq` that a frame named as its head. */
  readonly hashes = new Map<number, string>();
  readonly heads = new Map<number, string>();
  readonly #role: Role;
  readonly #broken: string[];

  /** @param broken where every broken promise is written down */
  constructor(role: Role, broken: string[]) {
    this.#role = role;
    this.#broken = broken;
  }

  /** Takes a welcome; `asked` is what the client had asked to resume from. */
  welcome(message: DownOf<'welcome'>, asked: { epoch: number; since: number } | null): void {
    const { epoch, seq, recovered, events } = message;
    if (asked) this.#resumed(message, asked);
    if (!asked && recovered) this.#break('recovered what nobody had');
    if (!recovered && events.length > 0) this.#break('a snapshot with events');
    this.#take({ epoch, seq, events, state: message.state });
  }

  /** Takes a frame. */
  frame(message: DownOf<'frame'>): void {
    const { from, seq, events, omitted, head } = message;
    this.frames += 1;
    if (from !== this.seq + 1) this.#break(`a frame from ${from} after ${this.seq}`);
    if (seq - from + 1 !== events.length + omitted) {
      this.#break(`a frame of ${from}..${seq} with ${events.length} events and ${omitted} omitted`);
    }
    if (this.#role === 'presenter' ? omitted > 0 : events.length > MAX_PARTICIPANT_EVENTS) {
      this.#break(`${events.length} events and ${omitted} omitted for a ${this.#role}`);
    }
    if (head === undefined) this.#break('a frame without a head');
    else this.heads.set(seq, head);
    this.#take(message);
  }

  #resumed(
    { epoch, seq, recovered, events }: DownOf<'welcome'>,
    asked: { epoch: number; since: number },
  ): void {
    const missed = seq - asked.since;
    if (missed < 0) this.#break(`told up to ${asked.since}, and now the room ends at ${seq}`);
    if (recovered) {
      this.recovered += 1;
      const dense = events.every((event, index) => event.seq === asked.since + 1 + index);
      if (!dense || events.length !== missed) {
        this.#break(`a resume of ${missed} missed events that tells ${events.length}`);
      }
      return;
    }
    this.snapshots += 1;
    if (epoch === asked.epoch && missed <= MAX_RESUME_EVENTS) {
      this.#break(`a snapshot to a client of this epoch that is ${missed} events behind`);
    }
  }

  #take(told: { epoch: number; seq: number; events: RoomEvent[]; state: RoomState }): void {
    const { epoch, seq, events, state } = told;
    let last = this.seq;
    for (const event of events) {
      if (event.seq <= last || event.seq > seq) this.#break(`event ${event.seq} after ${last}, up to ${seq}`);
      last = event.seq;
      this.hashes.set(event.seq, event.hash);
    }
    if (state.seq !== seq || state.epoch !== epoch) {
      this.#break(`the state of ${state.epoch}/${state.seq} with the events up to ${epoch}/${seq}`);
    }
    if (epoch < this.epoch) this.#break(`epoch ${epoch} after ${this.epoch}`);
    this.epoch = epoch;
    this.seq = seq;
    this.state = state;
  }

  #break(sentence: string): void {
    this.#broken.push(`${this.#role}: ${sentence}`);
  }
}
