/**
 * Every client's stream is a contiguous part of the log: each frame continues the one before it, what it leaves out is
 * counted, a resume tells exactly what was missed, and what was told stands in the log, word for word.
 */
import { canonical } from '../canonical.ts';
import type { Evidence, History, Log, Note, Told, Violation } from '../evidence.ts';

/** Limits of the contract: events in a frame to a participant, and events that a resume tells one by one. */
const MAX_IN_FRAME = 16;
const MAX_IN_RESUME = 300;

/** Counts what was held against the log. */
export function checkStreams({ log, histories }: Evidence): { violations: Violation[]; compared: number } {
  const book = new Book(log);
  for (const history of histories) new Follower(history, book).follow();
  return { violations: book.found, compared: book.compared };
}

/** The log to compare with; frames that many clients were shown are read once. */
class Book {
  readonly found: Violation[] = [];
  compared = 0;
  readonly #log: Log;
  readonly #lines = new Map<number, string>();
  readonly #same = new WeakMap<Told, boolean>();

  constructor(log: Log) {
    this.#log = log;
  }

  isTrue(event: Told): boolean {
    this.compared += 1;
    let same = this.#same.get(event);
    if (same === undefined) {
      same = canonical(event) === this.#line(event.seq);
      this.#same.set(event, same);
    }
    return same;
  }

  hashAt(seq: number): string | undefined {
    this.compared += 1;
    return this.#log.events[seq - 1]?.hash;
  }

  epochAt(seq: number): number | undefined {
    return this.#log.events[seq - 1]?.epoch;
  }

  #line(seq: number): string {
    const kept = this.#lines.get(seq);
    if (kept !== undefined) return kept;
    const line = canonical(this.#log.events[seq - 1] ?? null);
    this.#lines.set(seq, line);
    return line;
  }
}

class Follower {
  readonly #history: History;
  readonly #book: Book;
  #seq = 0;
  #asked: { epoch: number; since: number } | null = null;
  #greeted = false;
  /** Who never opened a socket called by HTTP: there is no stream to follow. */
  #connected = false;

  constructor(history: History, book: Book) {
    this.#history = history;
    this.#book = book;
  }

  follow(): void {
    for (const { note } of this.#history.entries) this.#take(note);
  }

  #take(note: Note): void {
    if (note.kind === 'connect') {
      this.#connected = true;
      this.#greeted = false;
      this.#asked = note.asked;
      const since = note.asked?.since ?? this.#seq;
      if (since !== this.#seq) this.#broken(`had seen ${this.#seq}, and asks to resume from ${since}`);
      return;
    }
    if (note.kind === 'tap') return;
    if (note.kind === 'welcome') return this.#welcome(note);
    if (this.#connected && !this.#greeted) this.#broken(`heard ${note.kind} before a welcome`);
    if (note.kind === 'frame') this.#frame(note);
  }

  #welcome(note: Note & { kind: 'welcome' }): void {
    const { epoch, seq, recovered, events } = note;
    if (this.#greeted) this.#broken('was welcomed twice on one connection');
    this.#greeted = true;
    if (seq < this.#seq) this.#broken(`had seen ${this.#seq}, and is welcomed at ${seq}`);
    const asked = this.#asked;
    if (recovered) {
      const since = asked?.since ?? 0;
      if (!asked || asked.epoch !== epoch) this.#broken(`resumes epoch ${epoch}, which it did not have`);
      if (events.length !== seq - since)
        this.#broken(`missed ${since + 1}..${seq}, is told ${events.length}`);
      if (events.some((event, index) => event.seq !== since + 1 + index)) this.#broken('resumes with a gap');
    } else {
      if (events.length > 0) this.#broken('is told events with a snapshot');
      if (asked?.epoch === epoch && seq - asked.since <= MAX_IN_RESUME && asked.since <= seq) {
        this.#broken(`missed ${asked.since + 1}..${seq}, and gets a snapshot`);
      }
    }
    this.#told(note);
  }

  #frame(note: Note & { kind: 'frame' }): void {
    const { from, seq, events, omitted, head } = note;
    const count = seq - from + 1;
    if (from !== this.#seq + 1) this.#broken(`had seen ${this.#seq}, and gets a frame from ${from}`);
    if (count !== events.length + omitted || omitted < 0) {
      this.#broken(`gets ${from}..${seq} as ${events.length} events, ${omitted} omitted`);
    }
    if (events.some((event, index) => event.seq < from || event.seq <= (events[index - 1]?.seq ?? 0))) {
      this.#broken(`gets ${from}..${seq} out of order`);
    }
    if (this.#history.role === 'presenter' ? omitted > 0 : events.length > MAX_IN_FRAME) {
      this.#broken(`gets ${events.length} events, ${omitted} omitted`);
    }
    if (head !== this.#book.hashAt(seq)) this.#broken(`gets another head for ${seq}`);
    this.#told(note);
  }

  #told({ epoch, seq, events }: { epoch: number; seq: number; events: readonly Told[] }): void {
    if (this.#book.epochAt(seq) !== epoch) this.#broken(`is at ${seq} in epoch ${epoch}`);
    for (const event of events) {
      if (event.seq > seq) this.#broken(`is told ${event.seq} with what ends at ${seq}`);
      if (!this.#book.isTrue(event)) this.#broken(`is told another event ${event.seq} than the log's`);
    }
    this.#seq = seq;
  }

  #broken(sentence: string): void {
    this.#book.found.push({ rule: 'stream', sentence: `${this.#history.who} ${sentence}` });
  }
}
