/** Compares the recount with what others claim: the room's state, the database's rows, the clients' histories. */
import { totalsOf, capacityOf, deltaOf } from './audit-totals.ts';
import type { AuditTotals, AuditedLane } from './audit-totals.ts';
import { count } from './audit-findings.ts';
import type { AuditKey, Findings } from './audit-findings.ts';
import { namedWork, recountedWork } from './audit-work.ts';
import type { Write } from './write.ts';
import { lanesIn } from './by-lane.ts';
import type { LaneId } from './lane.ts';
import { LANES } from './lanes.ts';
import { keyOfOp } from './op.ts';
import type { LaneState, RoomState } from './room-state.ts';

/** A database's order rows of one lane in one epoch. Epochs that are not given are not compared. */
export interface D1Epoch {
  lane: LaneId;
  epoch: number;
  rows: readonly Write[];
  /** Newest version that the room knew when the rows were read; newer rows are not compared. */
  upToVersion?: number;
}

/** What one client knows of one acknowledged op: when it was sent and answered, on a clock that all histories share. */
export interface ClientHistory {
  op: string;
  lane: LaneId;
  /** The number that its acknowledgement carried. */
  seq: number;
  /** The units that it acknowledged; compared when they are given. */
  units?: number;
  sentAtOrder: number;
  answeredAtOrder: number;
}

/** What an audit can compare with the log. What is missing is not compared, and the checks say so. */
export interface AuditClaims {
  /** The room's state after the log's last event. */
  state?: RoomState;
  d1Orders?: readonly D1Epoch[];
  histories?: readonly ClientHistory[];
}

const COUNTERS = ['acknowledged', 'stored', 'lostUnits', 'oversellDelta', 'ops', 'conflicts'] as const;
type Counter = (typeof COUNTERS)[number];

/** Compares a state with the recount; without a state the checks show the recount alone. */
export function compareState(state: RoomState | undefined, totals: AuditTotals, findings: Findings): void {
  if (state) compareEnd(state, totals, findings);
  findings.state.figure = state ? `seq ${totals.seq}, epoch ${totals.epoch}` : 'no state given';
  const figures = new Map<AuditKey, string[]>();
  const refusals: string[] = [];
  const attempts: string[] = [];
  for (const [lane, counted] of lanesIn(totals.lanes)) {
    const recount = recountOf(totals, lane);
    const shown = state?.lanes[lane];
    if (state && !shown) findings.state.wrong(`the ${lane} lane is not shown`);
    if (shown && shown.capacity !== capacityOf(totals)) {
      findings.state.wrong(`${lane}: capacity ${shown.capacity}, in the log ${capacityOf(totals)}`);
    }
    for (const counter of COUNTERS) {
      if (shown && shown[counter] !== recount[counter]) {
        findings[counter].wrong(`${lane}: shown ${shown[counter]}, recounted ${recount[counter]}`);
      }
      figures.set(counter, [...(figures.get(counter) ?? []), `${lane} ${recount[counter]}`]);
    }
    if (shown) compareEngine(shown.engine, lane, totals, findings);
    refusals.push(compareRefused(shown?.refused, lane, counted, findings));
    attempts.push(compareWork(shown, lane, counted, findings));
  }
  const suffix = state ? '' : ' (no state given)';
  for (const [counter, parts] of figures) findings[counter].figure = parts.join(', ') + suffix;
  findings.refused.figure = refusals.join(', ') + suffix;
  findings.work.figure = `attempts: ${attempts.join(', ')}${suffix}`;
}

/** Compares clients' histories with the log: receipts on every lane, linearizability where the room decides. */
export function compareHistories(
  histories: readonly ClientHistory[] | undefined,
  totals: AuditTotals,
  findings: Findings,
): void {
  for (const { op, lane, seq, units } of histories ?? []) {
    const logged = totals.receipts[lane]?.get(keyOfOp(op));
    if (logged?.seq !== seq) {
      const where = logged ? `at ${logged.seq}` : 'nowhere';
      findings.receipts.wrong(`${lane}: op ${op} was acknowledged as ${seq}, the log has it ${where}`);
    } else if (units !== undefined && units !== logged.units) {
      findings.receipts.wrong(
        `${lane}: op ${op} was acknowledged ${units} units, the log has ${logged.units}`,
      );
    }
  }
  const safe = (histories ?? []).filter(({ lane }) => LANES[lane].answers === 'now');
  const answered = safe.toSorted((a, b) => a.answeredAtOrder - b.answeredAtOrder);
  let next = 0;
  let latest: ClientHistory | undefined;
  for (const sent of safe.toSorted((a, b) => a.sentAtOrder - b.sentAtOrder)) {
    for (
      let before = answered[next];
      before && before.answeredAtOrder < sent.sentAtOrder;
      before = answered[next]
    ) {
      if (!latest || before.seq > latest.seq) latest = before;
      next += 1;
    }
    if (latest && latest.seq >= sent.seq) {
      findings.linearizable.wrong(
        `op ${latest.op} was answered before op ${sent.op} was sent, but has ${latest.seq} ≥ ${sent.seq}`,
      );
    }
  }
  findings.receipts.figure = histories ? count(histories.length, 'receipt') : 'no receipts given';
  findings.linearizable.figure = histories ? count(safe.length, 'safe op') : 'no histories given';
}

function compareEnd(state: RoomState, totals: AuditTotals, findings: Findings): void {
  const { seq, epoch, mode, step, opened } = totals;
  const recount = { seq, epoch, mode, step, room: opened?.room, show: opened?.show };
  for (const field of Object.keys(recount) as (keyof typeof recount)[]) {
    if (state[field] !== recount[field]) {
      findings.state.wrong(`${field} ${state[field]}, in the log ${recount[field]}`);
    }
  }
  for (const [lane] of lanesIn(state.lanes)) {
    if (!totals.lanes[lane]) findings.state.wrong(`a ${lane} lane, in the log none`);
  }
  if (state.guardrail.tripped !== totals.tripped) {
    findings.state.wrong(`guardrail ${state.guardrail.tripped ? '' : 'not '}tripped, the log says otherwise`);
  }
}

function recountOf(totals: AuditTotals, lane: LaneId): Record<Counter, number> {
  const { acknowledged, stored, ops, conflicts } = totalsOf(totals, lane);
  const lostUnits = acknowledged - stored;
  return { acknowledged, stored, lostUnits, oversellDelta: deltaOf(totals, lane), ops, conflicts };
}

/** Holds what is shown of a lane's engine to what the log says of it; it says nothing of the platform's own. */
function compareEngine(
  { name, label, distanceMs }: LaneState['engine'],
  lane: LaneId,
  { opened, distances }: AuditTotals,
  findings: Findings,
): void {
  const told = opened?.engines?.[lane] ?? { name, label };
  const away = distances[lane] ?? 0;
  if (name !== told.name || label !== told.label || distanceMs !== away) {
    findings.state.wrong(
      `${lane}: ${name}, ${label}, ${distanceMs} ms away, in the log ${told.name}, ${told.label}, ${away} ms`,
    );
  }
}

/** Returns the recount as a figure. */
function compareWork(
  shown: LaneState | undefined,
  lane: LaneId,
  { work }: AuditedLane,
  findings: Findings,
): string {
  const recount = recountedWork(work);
  const given = shown ? namedWork(shown) : recount;
  for (const name of new Set([...recount.keys(), ...given.keys()])) {
    const [told, counted] = [given.get(name) ?? 0, recount.get(name) ?? 0];
    if (told !== counted) findings.work.wrong(`${lane} ${name}: shown ${told}, recounted ${counted}`);
  }
  return `${lane} ${work.attempts}`;
}

/** Returns the recount as a figure. */
function compareRefused(
  shown: Partial<Record<string, number>> | undefined,
  lane: LaneId,
  { refused }: AuditedLane,
  findings: Findings,
): string {
  let sum = 0;
  for (const times of refused.values()) sum += times;
  for (const code of shown ? new Set([...refused.keys(), ...Object.keys(shown)]) : []) {
    const [told, recounted] = [shown?.[code] ?? 0, refused.get(code) ?? 0];
    if (told !== recounted) findings.refused.wrong(`${lane} ${code}: shown ${told}, recounted ${recounted}`);
  }
  return `${lane} ${sum}`;
}
