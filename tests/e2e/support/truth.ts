/** Three ways to the same figures: what the stage draws, what the API says, and the sum of the log. */
import { expect } from 'vitest';
import type { Page } from 'playwright-core';
import type { RoomEvent } from '#lib/domain/events.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { Presenter } from './presenter.ts';

/** What a lane comes to. */
export interface Figures {
  acknowledged: number;
  stored: number;
  oversold: number;
  lost: number;
}

/** The room's state by HTTP, asked with the presenter's own cookie. */
export async function readState({ control }: Presenter, skuId: string): Promise<RoomState> {
  const text = await ask(control, `/api/demo/state?skuId=${skuId}`);
  const answer = JSON.parse(text) as { success: boolean; data: RoomState };
  expect(answer.success, text).toBe(true);
  return answer.data;
}

/** The room's log as it is handed out, a line for each event between its header and its head. */
export function readLogText({ control }: Presenter, skuId: string): Promise<string> {
  return ask(control, `/api/demo/log?skuId=${skuId}`);
}

/** The room's log, oldest event first. */
export async function readLog(presenter: Presenter, skuId: string): Promise<RoomEvent[]> {
  const lines = (await readLogText(presenter, skuId)).trim().split('\n');
  return lines.slice(1, -1).map((line) => JSON.parse(line) as RoomEvent);
}

/** Figures of a lane by the state. */
export function figuresOf(state: RoomState, lane: LaneId): Figures {
  const { acknowledged, stored, oversellDelta, lostUnits } = ofLane(state.lanes, lane);
  return { acknowledged, stored, oversold: oversellDelta, lost: lostUnits };
}

/** Figures of a lane in one epoch, added up from the log alone. */
export function sumOf(log: readonly RoomEvent[], lane: LaneId, epoch: number, capacity: number): Figures {
  const sum = (kind: 'allocated' | 'lost' | 'restored') =>
    log.reduce((units, event) => {
      const counts = event.kind === kind && event.epoch === epoch && event.body.lane === lane;
      return counts ? units + event.body.units : units;
    }, 0);
  const acknowledged = sum('allocated');
  const lost = sum('lost') - sum('restored');
  return { acknowledged, stored: acknowledged - lost, oversold: Math.max(0, acknowledged - capacity), lost };
}

/** Figures of a lane as they can be read on the stage: it says nothing of what is zero, or the same as another. */
export async function stageFigures(stage: Page, lane: LaneId): Promise<Figures> {
  return stage.evaluate((lane) => {
    const section = document.querySelector<HTMLElement>(`section[aria-label="${lane} lane"]`);
    const read = (figure: string) => {
      const shown = section?.querySelector<HTMLElement>(`[data-figure="${figure}"]`);
      return shown?.checkVisibility() ? Number(shown.innerText.replace(/[+,]/g, '')) : null;
    };
    const acknowledged = read('acknowledged') ?? -1;
    return {
      acknowledged,
      stored: read('stored') ?? acknowledged,
      oversold: read('oversold') ?? 0,
      lost: read('lost') ?? 0,
    };
  }, lane);
}

/** Waits until nothing is in flight and the stage has caught up; then holds stage, state and log against one another. */
export async function expectOneTruth(presenter: Presenter, skuId: string, lane: LaneId): Promise<Figures> {
  await expect.poll(async () => (await readState(presenter, skuId)).lanes[lane]?.inFlight).toBe(0);
  const state = await readState(presenter, skuId);
  const figures = figuresOf(state, lane);
  await expect
    .poll(() => stageFigures(presenter.stage, lane), {
      message: `the stage's ${lane} lane`,
    })
    .toEqual(figures);
  const log = await readLog(presenter, skuId);
  expect(sumOf(log, lane, state.epoch, state.sku.capacity), `the log's ${lane} lane`).toEqual(figures);
  return figures;
}

function ask(page: Page, path: string): Promise<string> {
  return page.evaluate(async (path) => {
    const answer = await fetch(path, { headers: { 'x-session-role': 'presenter' } });
    return answer.text();
  }, path);
}
