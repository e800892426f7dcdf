/**
 * Checks the order of events: a green after its red, the end of a question after its beginning, clients' reports after their
 * drill, and after the end of a show only what was in flight; that nothing falls which a room measures over its whole life; and
 * that every event is of this room and of its lanes.
 */
import type { AuditContext, AuditPart } from './audit-totals.ts';
import { count } from './audit-findings.ts';
import type { Place } from './audit-findings.ts';
import type { EventBodies, EventKind, RoomEvent, ToldHistogram, Verdict } from './events.ts';
import { GUESS_ABOUT, guessMax } from './guess.ts';
import { idsIn, lanesIn, modesOf } from './by-lane.ts';
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

/** Checks that every event can follow those before it. It takes an event before it is added to the totals. */
export function followsAuditor({ totals, findings }: AuditContext): AuditPart {
  /** The event that closed the show, and whether an epoch began since. */
  let closedBy: number | null = null;
  let resetSince = false;
  const drills = new Set<number>();
  /** Of this epoch. */
  let incidents = new Map<string, Verdict>();
  let guess: Guess | null = null;
  /** A question that was closed for an end that is still to be told. */
  let ending: { seq: number; atMs: number; by: string; place: Place } | null = null;
  /** What the room measured so far, and its lives. */
  let latency: EventBodies['latency'] = { lanes: {}, phones: 0 };
  let lives = 1;

  const wrong = (seq: number, what: string, place?: Place) =>
    findings.follows.wrong(`event ${seq}: ${what}`, place);
  const settle = () => {
    if (ending) wrong(ending.seq, `a question closed by ${ending.by}, and none came`, ending.place);
    ending = null;
  };
  const isUnderWay = (event: RoomEvent): boolean => {
    if (event.kind === 'guardrail') return event.body.by === 'threshold';
    if (event.kind === 'reset') return !resetSince;
    // Lanes that decide at once have nothing in flight; a reset waits for what is in flight on the others.
    if (event.kind === 'allocated') return LANES[event.body.lane].answers === 'later' && !resetSince;
    return UNDER_WAY.has(event.kind);
  };
  const holdMode = (seq: number, mode: Mode, lanes: readonly LaneId[]) => {
    holdLanes(seq, lanesOf(mode, lanes), lanes);
    if (mode === 'contest' && !modesOf(lanes).includes(mode)) {
      findings.named.wrong(`event ${seq}: the room’s lanes are ${lanes.join(', ')}, and no contest`);
    }
  };
  const holdLanes = (seq: number, used: readonly LaneId[], lanes: readonly LaneId[]) => {
    for (const lane of used) {
      if (!lanes.includes(lane)) findings.named.wrong(`event ${seq}: the room has no ${lane} lane`);
    }
  };
  const problemWith = ({ state, by, question, max, ...told }: EventBodies['guess']): string | null => {
    const before = guess;
    guess = state === 'dropped' ? null : { question, max, open: state === 'opened' };
    if (state !== 'closed') {
      const { n, counts, median, width } = told;
      if (n !== undefined || counts || median !== undefined || width) {
        return `a guess that is ${state} has no answers to tell`;
      }
      if (Object.hasOwn(ENDS, by)) return `a question ${state} by ${by}, not by a person`;
    }
    if (state === 'opened') {
      if (before?.open) return 'a question while another one is open';
      const most = guessMax(totals.opened?.sku.capacity ?? 0);
      return max === most ? null : `answers up to ${max}, not ${most}`;
    }
    if (before?.question !== question || before.max !== max) {
      return `a question that is ${state} and was not asked`;
    }
    return state === 'closed' && !before.open ? 'a question closed a second time' : null;
  };
  return {
    any(event) {
      const { seq, atMs, kind } = event;
      if (kind !== 'opened') holdLanes(seq, lanesAt(event), totals.opened?.lanes ?? []);
      // An epoch or the show ends, or has to have ended with the commit that is over.
      if (ending?.atMs !== atMs) settle();
      else if (kind === ENDS[ending.by]) ending = null;
      if ((kind === 'reset' || kind === 'closed') && guess?.open)
        wrong(seq, `“${kind}” over an open question`);
      if (closedBy !== null && !isUnderWay(event)) wrong(seq, `“${kind}” behind the end, event ${closedBy}`);
    },
    opened({ seq, body: { room, show, sku, lanes, mode } }) {
      if (room !== `${show}.${sku.id}`) {
        findings.named.wrong(`event ${seq}: room ${room} of show ${show} and product ${sku.id}`);
      }
      holdMode(seq, mode, lanes);
    },
    mode({ seq, body: { mode } }) {
      holdMode(seq, mode, totals.opened?.lanes ?? []);
    },
    guess({ seq, atMs, body }) {
      const problem = problemWith(body);
      if (problem) wrong(seq, problem);
      if (body.state !== 'closed' || !Object.hasOwn(ENDS, body.by)) return;
      ending = { seq, atMs, by: body.by, place: findings.follows.here() };
    },
    incident({ seq, body: { check, state } }) {
      const before = incidents.get(check);
      incidents.set(check, state);
      if (state === 'red' && before) wrong(seq, `“${check}” turned red a second time`);
      if (state === 'green' && before !== 'red') wrong(seq, `“${check}” turned green and was not red`);
    },
    drill({ seq, body }) {
      // Older rooms did not tell their lives.
      const { wakes = lives }: Partial<EventBodies['drill']> = body;
      if (wakes < lives) wrong(seq, `life ${wakes} of the room, after ${lives}`);
      lives = wakes;
      drills.add(seq);
    },
    recovered({ seq, body: { drill, clients } }) {
      if (!drills.has(drill)) wrong(seq, `event ${drill} is no drill that one can come back from`);
      else if (clients.length === 0) wrong(seq, 'nobody came back');
    },
    latency({ seq, body }) {
      const problem = fallOf(latency, body);
      if (problem) wrong(seq, problem);
      latency = body;
    },
    reset() {
      resetSince = closedBy !== null;
      incidents = new Map();
      guess = null;
    },
    closed({ seq }) {
      closedBy ??= seq;
    },
    finish() {
      settle();
      findings.named.figure = totals.opened ? `room ${totals.opened.room}` : 'no room';
      findings.follows.figure = count(totals.seq, 'event');
    },
  };
}

/** The lanes that an event is about. */
function lanesAt(event: RoomEvent): readonly LaneId[] {
  switch (event.kind) {
    case 'distance':
    case 'allocated':
    case 'refused':
    case 'lost':
    case 'restored':
    case 'oversold':
      return [event.body.lane];
    case 'latency':
      return idsIn(event.body.lanes);
    case 'guess':
      return [GUESS_ABOUT[event.body.question].lane];
    default:
      return [];
  }
}

/** What measurements have less of than those before; null when nothing. */
function fallOf(before: EventBodies['latency'], now: EventBodies['latency']): string | null {
  if (now.phones < before.phones) return `${now.phones} phones at most, after ${before.phones}`;
  for (const [lane, histogram] of lanesIn(before.lanes)) {
    const problem = fallen(histogram, now.lanes[lane]);
    if (problem) return `${lane} lane: ${problem}`;
  }
  return null;
}

/** What a histogram has less of than the one before; null when nothing. */
function fallen(before: ToldHistogram, now: ToldHistogram | undefined): string | null {
  if (!now || now.n < before.n) return `${now?.n ?? 0} answers after ${before.n}`;
  if ((now.left ?? 0) < (before.left ?? 0)) return `${now.left ?? 0} left out after ${before.left}`;
  const counts = new Map(now.buckets);
  const less = before.buckets.find(([index, count]) => (counts.get(index) ?? 0) < count);
  return less ? `${counts.get(less[0]) ?? 0} answers in bucket ${less[0]}, after ${less[1]}` : null;
}
