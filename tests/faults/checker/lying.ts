/** What is needed to turn good evidence into evidence of a broken promise. */
import { chainedHash, FIRST_PREVIOUS } from './canonical.ts';
import type { Entry, Evidence, Note, OrderRow, Rule, ShownState, Told } from './evidence.ts';

type Random = () => number;

/** Evidence that may be changed. */
export interface Loose {
  log: { events: Told[]; end: { head: string; seq: number } };
  histories: { who: string; role: 'presenter' | 'participant'; entries: Entry[] }[];
  orders: OrderRow[];
}

/** Changes evidence in place; false when there is nothing in it to break in this way. */
type Break = (evidence: Loose, random: Random) => boolean;

/** A broken promise. */
export interface Mutation {
  rule: Rule;
  name: string;
  breaks: Break;
}

/** Applies a mutation to a copy; null when it does not apply. */
export function mutate(evidence: Evidence, { breaks }: Mutation, random: Random): Evidence | null {
  const copy = structuredClone({ orders: [], ...evidence }) as unknown as Loose;
  return breaks(copy, random) ? copy : null;
}

/** One of the values; undefined when there is none. */
export function choose<T>(random: Random, values: readonly T[]): T | undefined {
  return values[Math.floor(random() * values.length)];
}

/** Changes one of the values, if there is one. */
export function change<T>(random: Random, values: readonly T[], how: (value: T) => void): boolean {
  const chosen = choose(random, values);
  if (chosen === undefined) return false;
  how(chosen);
  return true;
}

/** Every note of a kind, of all clients. */
export function notes<K extends Note['kind']>({ histories }: Loose, kind: K): Extract<Note, { kind: K }>[] {
  return histories.flatMap(({ entries }) =>
    entries.map(({ note }) => note).filter((note): note is Extract<Note, { kind: K }> => note.kind === kind),
  );
}

/** The log's events of a kind. */
export const ofKind = ({ log }: Loose, kind: string) => log.events.filter((event) => event.kind === kind);

/** Numbers and chains the log anew: a forger who knows how. */
export function rechain({ log }: Loose): void {
  let previous = FIRST_PREVIOUS;
  for (const [index, event] of log.events.entries()) {
    event.seq = index + 1;
    previous = event.hash = chainedHash(previous, event);
  }
  log.end = { head: previous, seq: log.events.length };
}

/** Takes an event out of the log, as a forger would. */
export function removeEvent(evidence: Loose, event: Told): void {
  evidence.log.events = evidence.log.events.filter((other) => other !== event);
  rechain(evidence);
}

/** Every state that anybody was shown. */
export function states(evidence: Loose): ShownState[] {
  return [...notes(evidence, 'welcome'), ...notes(evidence, 'frame')].map(({ state }) => state);
}

/** Every answer that gave somebody something, with the note it came in. */
export function grants(evidence: Loose) {
  return notes(evidence, 'ack').flatMap((note) =>
    Object.values(note.lanes)
      .filter(({ status }) => status === 'allocated')
      .map((answer) => ({ note, answer })),
  );
}

/** Puts an entry out of the way of its place in time. */
export function moveToTheEnd(evidence: Loose, wanted: (note: Note) => boolean): boolean {
  const entries = evidence.histories.flatMap((history) => history.entries);
  const entry = entries.find(({ note }) => wanted(note));
  if (!entry) return false;
  entry.order = Math.max(...entries.map(({ order }) => order)) + 1;
  return true;
}
