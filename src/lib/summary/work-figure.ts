/** What sales took on a lane's engine, as a figure of the card: how often one was tried, and why again. */
import { count, withPoint } from '#lib/components/format.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { RETRY_CAUSES } from '#lib/domain/work.ts';
import type { RetryCause } from '#lib/domain/work.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { Result } from './figure.ts';
import type { LaneSummary, RoomSummary } from './show-summary.ts';

/** The figure of a lane over all epochs; none where no sale told what it took. */
export function workOn(room: RoomSummary, lane: LaneId): Result[] {
  const lanes = room.epochs.map((epoch) => ofLane(epoch.lanes, lane));
  const told = lanes.flatMap(({ work }) => (work ? [work] : []));
  const sales = sum(told.map(({ worked }) => worked));
  if (sales === 0) return [];
  const attempts = sum(told.map((work) => work.attempts));
  const causes = causeWords();
  const again = RETRY_CAUSES.map(
    (cause) => [sum(told.map(({ retries }) => retries[cause] ?? 0)), cause] as const,
  )
    .filter(([times]) => times > 0)
    .map(([times, cause]) => `${count(times)} × ${causes[cause]}`);
  const tried =
    again.length === 0 ? phrase('None was tried again.') : phrase(`Tried again: ${again.join(', ')}.`);
  const all = phrase(`${count(attempts)} attempts over ${count(sales)} sales.`);
  return [
    {
      key: `work-${lane}`,
      label: phrase(`Attempts per sale, ${lane} lane`),
      value: withPoint((attempts / sales).toFixed(1)),
      note: `${all} ${tried} ${engineWords(room, lane, lanes)}`,
      tone: 'ink',
      check: 'form',
    },
  ];
}

/** The engine, what answered for it, and the round trips that were put on its wire. */
function engineWords({ engines }: RoomSummary, lane: LaneId, lanes: readonly LaneSummary[]): string {
  const engine = engines?.[lane];
  const away = new Set(lanes.flatMap(({ distancesMs = [] }) => distancesMs).filter((ms) => ms > 0));
  const emulated = [...away].sort((a, b) => a - b).map((ms) => `, EMULATED +${ms} ms`);
  return engine ? `${engine.name}: ${engine.label}${emulated.join('')}.` : '';
}

function causeWords(): Record<RetryCause, string> {
  return {
    serialization: phrase('another transaction was first'),
    conflict: phrase('a conflict'),
    lock: phrase('the lock was held'),
    connection: phrase('the connection failed'),
  };
}

function sum(figures: readonly number[]): number {
  return figures.reduce((all, each) => all + each, 0);
}
