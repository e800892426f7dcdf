/**
 * Checks the order of events: a green after its red, the end of a question after its beginning, clients' reports after their
 * drill, and after the end of a show only what was in flight. And that every event is of this room and of its lanes.
 */
import type { Books } from './audit-books.ts';
import type { Findings, Place } from './audit-findings.ts';
import { MeasuresAuditor } from './audit-measures.ts';
import type { EventBodies, EventKind, EventOf, RoomEvent, Verdict } from './events.ts';
import { guessMax } from './guess.ts';
import { idsIn } from './by-lane.ts';
import { lanesOf } from './lane.ts';
import type { LaneId, Mode } from './lane.ts';
import { LANES } from './lanes.ts';

/**
 * What a room that has closed may still tell: taps that were on their way to a lane that answers later settle, with what they cost;
 * refusals that waited, reports of a drill and a reset that had begun are told. Nobody can do anything new.
 */
const UNDER_WAY: ReadonlySet<EventKind> = new Set([
  'allocated',
  'lost',
  'restored',
  'oversold',
  'refused',
  'guardrail',
  'cost',
  'recovered',
  'reset',
]);

/** What closes a question by itself, and the event that it does so for: both are of one commit. */
const ENDS: Readonly<Record<string, EventKind>> = { reset: 'reset', end: 'closed' };

type Guess = Pick<EventBodies['guess'], 'question' | 'max'> & { open: boolean };

/** Checks that every event can follow those before it. */
export class FollowsAuditor {
  /** The event that closed the show, and whether an epoch began since. */
  #closedBy: number | null = null;
  #resetSince = false;
  readonly #drills = new Set<number>();
  /** Of this epoch. */
  #incidents = new Map<string, Verdict>();
  #guess: Guess | null = null;
  /** A question that was closed for an end that is still to be told. */
  #ending: { seq: number; atMs: number; by: string; place: Place } | null = null;
  readonly #measures = new MeasuresAuditor();

  /** Takes an event before it is added to the totals. */
  take(event: RoomEvent, books: Books, findings: Findings): void {
    this.#name(event, books, findings);
    this.#end(event, findings);
    if (this.#closedBy !== null && !this.#isUnderWay(event)) {
      findings.follows.wrong(`event ${event.seq}: “${event.kind}” behind the end, event ${this.#closedBy}`);
    }
    const problem = this.#problemOf(event, books);
    if (problem) findings.follows.wrong(`event ${event.seq}: ${problem}`);
    if (event.kind === 'guess' && event.body.state === 'closed' && Object.hasOwn(ENDS, event.body.by)) {
      const { seq, atMs, body } = event;
      this.#ending = { seq, atMs, by: body.by, place: findings.follows.here() };
    }
    if (event.kind === 'closed') this.#closedBy ??= event.seq;
    if (event.kind === 'drill') this.#drills.add(event.seq);
    if (event.kind === 'reset') {
      this.#resetSince = this.#closedBy !== null;
      this.#incidents = new Map();
      this.#guess = null;
    }
  }

  /** Nothing more will be told of this commit. */
  settle(findings: Findings): void {
    const ending = this.#ending;
    this.#ending = null;
    if (!ending) return;
    findings.follows.wrong(
      `event ${ending.seq}: a question closed by ${ending.by}, and none came`,
      ending.place,
    );
  }

  /** An epoch ends, or has to have ended with the commit that is over. */
  #end(event: RoomEvent, findings: Findings): void {
    if (this.#ending?.atMs !== event.atMs) this.settle(findings);
    else if (event.kind === ENDS[this.#ending.by]) this.#ending = null;
    if ((event.kind === 'reset' || event.kind === 'closed') && this.#guess?.open) {
      findings.follows.wrong(`event ${event.seq}: “${event.kind}” over an open question`);
    }
  }

  #isUnderWay(event: RoomEvent): boolean {
    if (event.kind === 'guardrail') return event.body.by === 'threshold';
    if (event.kind === 'reset') return !this.#resetSince;
    // Lanes that decide at once have nothing in flight; a reset waits for what is in flight on the others.
    if (event.kind === 'allocated') return LANES[event.body.lane].answers === 'later' && !this.#resetSince;
    return UNDER_WAY.has(event.kind);
  }

  #name(event: RoomEvent, books: Books, findings: Findings): void {
    if (event.kind === 'opened') {
      const { room, show, sku, lanes, mode } = event.body;
      if (room !== `${show}.${sku.id}`) {
        findings.named.wrong(`event ${event.seq}: room ${room} of show ${show} and product ${sku.id}`);
      }
      return this.#holdLanes(event.seq, lanesOf(mode), lanes, findings);
    }
    const lanes = books.opened?.lanes ?? [];
    this.#holdLanes(event.seq, lanesAt(event), lanes, findings);
  }

  #holdLanes(seq: number, used: readonly LaneId[], lanes: readonly LaneId[], findings: Findings): void {
    for (const lane of used) {
      if (!lanes.includes(lane)) findings.named.wrong(`event ${seq}: the room has no ${lane} lane`);
    }
  }

  #problemOf(event: RoomEvent, books: Books): string | null {
    if (event.kind === 'recovered') return this.#recovered(event);
    if (event.kind === 'incident') return this.#incident(event.body);
    if (event.kind === 'guess') return this.#ask(event.body, books);
    if (event.kind === 'latency') return this.#measures.latency(event.body);
    if (event.kind === 'drill') return this.#measures.drill(event.body);
    return null;
  }

  #recovered({ body: { drill, clients } }: EventOf<'recovered'>): string | null {
    if (!this.#drills.has(drill)) return `event ${drill} is no drill that one can come back from`;
    return clients.length === 0 ? 'nobody came back' : null;
  }

  #incident({ check, state }: EventBodies['incident']): string | null {
    const before = this.#incidents.get(check);
    this.#incidents.set(check, state);
    if (state === 'red') return before ? `“${check}” turned red a second time` : null;
    return before === 'red' ? null : `“${check}” turned green and was not red`;
  }

  #ask({ state, by, question, max, ...told }: EventBodies['guess'], books: Books): string | null {
    const guess = this.#guess;
    this.#guess = state === 'dropped' ? null : { question, max, open: state === 'opened' };
    if (
      state !== 'closed' &&
      (told.n !== undefined || told.counts || told.median !== undefined || told.width)
    ) {
      return `a guess that is ${state} has no answers to tell`;
    }
    if (state !== 'closed' && Object.hasOwn(ENDS, by)) return `a question ${state} by ${by}, not by a person`;
    if (state === 'opened') {
      if (guess?.open) return 'a question while another one is open';
      const most = guessMax(books.opened?.sku.capacity ?? 0);
      return max === most ? null : `answers up to ${max}, not ${most}`;
    }
    if (guess?.question !== question || guess.max !== max)
      return `a question that is ${state} and was not asked`;
    return state === 'closed' && !guess.open ? 'a question closed a second time' : null;
  }
}

/** The lanes that an event is about. */
function lanesAt(event: RoomEvent): readonly LaneId[] {
  switch (event.kind) {
    case 'mode':
      return lanesOf(event.body.mode satisfies Mode);
    case 'allocated':
    case 'refused':
    case 'lost':
    case 'restored':
    case 'oversold':
      return [event.body.lane];
    case 'latency':
      return idsIn(event.body.lanes);
    default:
      return [];
  }
}
