/** Where a stage reads its whole show: a live one from its summary, a rehearsed one, which stores none, from its rooms' logs. */
import type { Identity } from '#lib/client/identity.ts';
import type { PresenterApi } from '#lib/client/presenter-api.ts';
import { byLane, idsIn, lanesIn } from '#lib/domain/by-lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { Measured } from '#lib/summary/room-totals.ts';
import { RoomTotals } from '#lib/summary/room-totals.ts';
import type { RoomSummary } from '#lib/summary/show-summary.ts';
import type { FetchedShow } from '../../../guide/fetch-show.ts';
import { fetchShow } from '../../../guide/fetch-show.ts';
import { eventsOf } from '../../../show/[code]/downloads.ts';
import { ShowReader } from './show-reader.ts';

/** The reader of a stage's show. */
export function readerOf(api: PresenterApi, { show, skus }: Identity): ShowReader {
  if (!api.way) return new ShowReader(() => fetchShow(show));
  return new ShowReader(() => rehearsed(api, { show, skus }));
}

async function rehearsed(
  api: Pick<PresenterApi, 'log' | 'state'>,
  { show, skus }: Pick<Identity, 'show' | 'skus'>,
): Promise<FetchedShow> {
  const rooms = await Promise.all(skus.map(({ id }) => roomOf(api, id)));
  const read = rooms.filter((room) => room !== null);
  if (read.length < rooms.length)
    return { ok: false, sentence: phrase('A room of the rehearsal did not answer.') };
  return {
    ok: true,
    show: { summary: { show, status: 'live', asOfMs: Date.now(), rooms: read }, kept: null },
  };
}

async function roomOf(api: Pick<PresenterApi, 'log' | 'state'>, skuId: string): Promise<RoomSummary | null> {
  const [log, state] = await Promise.all([api.log(skuId), api.state(skuId)]);
  if (!log.ok || !state.ok) return null;
  const totals = new RoomTotals();
  for await (const event of eventsOf(log.data)) totals.take(event);
  return totals.summary(measuredIn(state.data));
}

/** What a room measures beside its log. Phones are those that are in: nobody counted the most. */
function measuredIn({ lanes, people, ledger }: RoomState): Measured {
  const { realUsd, limitUsd, locked } = ledger;
  return {
    latency: byLane(idsIn(lanes), (lane) => ofLane(lanes, lane).latency),
    mostPhones: people.phones,
    inFlight: lanesIn(lanes).reduce((sum, [, { inFlight }]) => sum + inFlight, 0),
    money: { realUsd, limitUsd, locked },
  };
}
