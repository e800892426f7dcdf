/** Writes down what a client says and hears, word for word, at the socket itself. */
import type { Entry, History, Note } from './evidence.ts';
import { readHeard, readSaid } from './read.ts';

let order = 0;
/** Frames are the same text for everybody: the newest ones are read once. */
const recent = new Map<string, Note | null>();
const KEEP_RECENT = 16;

/** One client's record. Say before sending, hear on receiving: then an order between two clients is one in real time. */
export class Recorder implements History {
  readonly who: string;
  readonly role: History['role'];
  readonly entries: Entry[] = [];

  constructor(who: string, role: History['role']) {
    this.who = who;
    this.role = role;
  }

  /** A connection is about to be opened, resuming from what the client has, or from nothing. */
  connecting(asked: { epoch: number; since: number } | null): void {
    this.#note({ kind: 'connect', asked });
  }

  /** A text is about to be sent. */
  said(text: string): void {
    this.#note(readSaid(text));
  }

  /** A text has come. */
  heard(text: string): void {
    let note = recent.get(text);
    if (note === undefined) {
      note = readHeard(text);
      recent.set(text, note);
      const [oldest] = recent.keys();
      if (recent.size > KEEP_RECENT && oldest !== undefined) recent.delete(oldest);
    }
    this.#note(note);
  }

  #note(note: Note | null): void {
    if (note) this.entries.push({ order: (order += 1), note });
  }
}
