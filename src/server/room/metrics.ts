/** A room's telemetry: aggregates, at most one point a second for each lane and kind. */
import type { EventKind, RoomEvent } from '#lib/domain/events.ts';
import { columnsOf, pointsOf } from '../telemetry.ts';
import type { Point, PointKind } from '../telemetry.ts';
import type { Metrics as MetricsPart, RoomContext } from '#lib/room/context.ts';
import type { Connection } from '#lib/room/connections.ts';
import type { Transaction } from '#lib/room/transaction.ts';

/** Kinds that are written at once, because they are rare and may be watched for. */
const TOLD_AT_ONCE: ReadonlySet<EventKind> = new Set(['guardrail', 'locked', 'reset', 'incident']);

/** Points whose cost is charged to taps. */
const OF_TAPS: ReadonlySet<PointKind> = new Set(['allocation', 'lost', 'oversell']);

/** Writes a room's aggregates to Analytics Engine. */
export class Metrics implements MetricsPart {
  readonly #room: RoomContext;
  readonly #telemetry: AnalyticsEngineDataset;
  /** Events that are not written yet. */
  #events: RoomEvent[] = [];

  constructor(room: RoomContext, telemetry: AnalyticsEngineDataset) {
    this.#room = room;
    this.#telemetry = telemetry;
  }

  /** Takes a transaction's events once it is stored. */
  closes(tx: Transaction): void {
    tx.after(() => {
      let isAtOnce = false;
      for (const { event } of tx.appended) {
        this.#events.push(event);
        isAtOnce ||= TOLD_AT_ONCE.has(event.kind);
      }
      if (isAtOnce) this.flush();
    });
  }

  greeted({ caller }: Connection, isBack: boolean): void {
    const detail = caller.reads ? 'embed' : caller.role;
    this.#write({ kind: isBack ? 'reconnect' : 'session', detail, count: 1 });
  }

  /** Writes the gathered points. */
  flush(): void {
    const { show, sku } = this.#room.memory.opening;
    for (const point of pointsOf(this.#events, { show, sku: sku.id })) this.#write(point);
    this.#events = [];
  }

  /** Writes a point, and counts it. */
  #write(point: Omit<Point, 'show' | 'sku'>): void {
    const { opening, meters } = this.#room.memory;
    this.#telemetry.writeDataPoint(columnsOf({ ...point, show: opening.show, sku: opening.sku.id }));
    if (OF_TAPS.has(point.kind)) meters.addForTaps({ 'ae.point': 1 });
    else meters.count('ae.point');
  }
}
