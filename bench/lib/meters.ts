/** A room's own counters and meters, read from its public state, to be compared with what clients counted. */
import * as v from 'valibot';
import type { Bench, Room } from './bench.ts';
import { SAFE } from './lanes.ts';

const lane = v.object({
  ops: v.number(),
  acknowledged: v.number(),
  stored: v.number(),
  refused: v.record(v.string(), v.number()),
});
/** The part of a room's state that measures look at. */
export const roomState = v.object({
  seq: v.number(),
  people: v.object({ phones: v.number() }),
  lanes: v.record(v.string(), lane),
  ledger: v.object({ platformUsd: v.number() }),
});
const fullState = v.object({
  ...roomState.entries,
  ledger: v.object({
    platformUsd: v.number(),
    lines: v.array(v.object({ meter: v.string(), quantity: v.number(), usd: v.number() })),
  }),
});
const auditResult = v.object({
  ok: v.boolean(),
  checks: v.array(v.object({ name: v.string(), ok: v.boolean() })),
});

/** {@link roomState} with the ledger's lines, as `GET /api/demo/state` answers. */
export type FullState = v.InferOutput<typeof fullState>;

/** Reads a room's current state. */
export async function stateOf({ ours }: Bench, { show, skuId }: Room): Promise<FullState> {
  return v.parse(fullState, await ours.call(`/demo/state?skuId=${skuId}`, { token: show.token }));
}

/** Quantity of a meter; 0 when it never moved. */
export function meterOf({ ledger }: FullState, name: string): number {
  return ledger.lines.find(({ meter }) => meter === name)?.quantity ?? 0;
}

/** Ops of the safe lane that a room has allocated. */
export function safeOps({ lanes }: FullState): number {
  return lanes[SAFE]?.ops ?? 0;
}

/** Names of the checks that a room's audit failed; none when it is green. */
export async function auditOf({ ours }: Bench, { show, skuId }: Room): Promise<string[]> {
  const data = await ours.call(`/demo/audit?skuId=${skuId}`, { token: show.token });
  const { ok, checks } = v.parse(auditResult, data);
  const failed = checks.filter((check) => !check.ok).map(({ name }) => name);
  return ok || failed.length > 0 ? failed : ['audit'];
}

/** Difference between a lane's counters and the answers that clients got, in ops; 0 when both agree. */
export function uncounted(state: FullState, laneId: string, outcomes: Record<string, number>): number {
  const lane = state.lanes[laneId];
  const { allocated = 0, ...refused } = outcomes;
  const codes = new Set([...Object.keys(refused), ...Object.keys(lane?.refused ?? {})]);
  const difference = (code: string) => Math.abs((refused[code] ?? 0) - (lane?.refused[code] ?? 0));
  return [...codes].reduce((sum, code) => sum + difference(code), Math.abs(allocated - (lane?.ops ?? 0)));
}

/** {@link uncounted} in the words of a figure, whose target is exactly 0. */
export const UNCOUNTED = 'answers that the room’s counters and the phones count differently';
