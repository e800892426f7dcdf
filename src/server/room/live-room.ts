/** A room in its object: the core, and what only the platform has: telemetry, audits of its own, presence, limits of calls. */
import type { RoomPorts } from '#lib/room/context.ts';
import { newMemory } from '#lib/room/memory.ts';
import type { Opening, RoomMemory } from '#lib/room/memory.ts';
import { RoomCore } from '#lib/room/room-core.ts';
import type { RoomTables } from '../storage/room-tables.ts';
import { after } from '../clock.ts';
import type { StoredLane } from '../lanes/stored-lane.ts';
import { Audits } from './audits.ts';
import { CallLimits } from './call-limits.ts';
import { Metrics } from './metrics.ts';
import { Load } from './load.ts';
import type { Phones } from './phones.ts';
import type { Presence } from './presence.ts';
import { sha256 } from './sha256.ts';
import type { RoomSockets } from './sockets.ts';
import { Summary } from './summary.ts';

/** What a live room needs beside what every room needs. */
export interface LivePorts extends RoomPorts {
  readonly tables: RoomTables;
  readonly connections: Phones;
  readonly presence: Presence;
  readonly telemetry: AnalyticsEngineDataset;
  /** Those of its lanes that keep their rows elsewhere. */
  readonly stored: readonly StoredLane[];
}

/** Stores the stock of the first epoch, and makes the memory of a new room. */
export async function stockedMemory(
  opening: Opening,
  lanes: readonly StoredLane[],
  nowMs: number,
): Promise<RoomMemory> {
  const { show, sku } = opening;
  const memory = newMemory(opening, nowMs);
  memory.meters.count('do.request');
  for (const lane of lanes) {
    memory.meters.add(await lane.open({ show, sku: sku.id, epoch: 1, capacity: sku.capacity }));
  }
  return memory;
}

/** Ports that are the same in every room: clock, timers, hashes, and the platform's way to make things durable. */
export function platformPorts(
  tables: RoomTables,
  { connections, presence }: Pick<RoomSockets, 'connections' | 'presence'>,
  telemetry: AnalyticsEngineDataset,
  now = () => Date.now(),
): Omit<LivePorts, 'lanes' | 'stored' | 'ticked' | 'failed'> {
  return {
    tables,
    durability: { durable: () => tables.durable(), wait: (ms) => scheduler.wait(ms) },
    connections,
    presence,
    load: new Load(connections, now),
    telemetry,
    sha256,
    now,
    after,
  };
}

/** An open room in its object. */
export class LiveRoom extends RoomCore {
  declare readonly ports: LivePorts;
  readonly audits: Audits;
  readonly summary = new Summary(this);
  readonly calls = new CallLimits();

  constructor(ports: LivePorts, memory: RoomMemory) {
    let audits: Audits | null = null;
    super(ports, memory, {
      metrics: (room) => new Metrics(room, ports.telemetry),
      auditor: (room, costs) => (audits = new Audits(room, ports.stored, costs)).live,
    });
    this.audits = audits!;
  }

  /** Updates presence; stages are told when the number of people has changed. */
  look(): void {
    const { connections, presence, load } = this.ports;
    const nowMs = this.commits.steady();
    const haveLeft = connections.forgetSilent(nowMs);
    const moved = presence.look(nowMs, this.feed, load.pressure.behind);
    if (haveLeft || moved) this.feed.changedForStages();
  }

  /** A phone asks for the state; it may be one that no socket reaches. */
  phoneCalled(label: string): void {
    if (this.ports.connections.called(label, this.commits.steady())) this.peopleMoved();
  }
}
