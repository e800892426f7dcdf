/**
 * A room without its shell: its parts put together in the storage of an object, over lanes, sockets and telemetry that a
 * test can look at and break.
 */
import { createExecutionContext, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { RoomConfig } from '#lib/domain/events.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { Down } from '#lib/protocol/down.ts';
import { parseDown } from '#lib/protocol/down.ts';
import type { Env } from '#server/env.ts';
import { eventualLane } from '#server/lanes/eventual.ts';
import { boundLanes } from '#server/lanes/every-lane.ts';
import type { StoredLane } from '#server/lanes/stored-lane.ts';
import { Shopper } from '#server/lanes/shopper.ts';
import { answerTo } from '#lib/room/allocate.ts';
import type { OpAnswer } from '#lib/room/allocate.ts';
import type { Connections } from '#lib/room/connections.ts';
import { loadMemory, newMemory } from '#lib/room/memory.ts';
import { LiveRoom, platformPorts } from '#server/room/live-room.ts';
import { Phones } from '#server/room/phones.ts';
import type { LivePorts } from '#server/room/live-room.ts';
import type { Pings } from '#server/room/pings.ts';
import { Presence } from '#server/room/presence.ts';
import { safeLane } from '#lib/room/safe-lane.ts';
import { storeOpening } from '#lib/room/opening.ts';
import type { Opening } from '#lib/room/memory.ts';
import { control } from '#lib/room/presenting.ts';
import { errorFields, logLine } from '#server/log.ts';
import { RoomTables } from '#server/storage/room-tables.ts';
import { FaultyDatabase } from './faulty-database.ts';

/** How a test wants its room. */
export interface InnerPlan {
  capacity?: number;
  mode?: Mode;
  config?: Partial<RoomConfig>;
  /** Changes the eventual lane: what it does, or when it says so. */
  bend?: (lane: StoredLane) => StoredLane;
  /** Lanes beside the pair. */
  more?: readonly StoredLane[];
  /** The clock of the wall. */
  now?: () => number;
}

/** A room as a test holds it. */
export interface Inner {
  room: LiveRoom;
  tables: BreakableTables;
  database: FaultyDatabase;
  points: AnalyticsEngineDataPoint[];
  /** Taps once. */
  tap: (order?: { op?: string; units?: number; who?: string }) => Tap;
  /** Somebody's socket: what the room has said on it. */
  socket: (label: string) => Heard;
}

/** What a room has said on a socket, and with which code it closed it. */
export type Heard = Down[] & { closed: number | null };

/** A tap and its first answer. */
export interface Tap {
  op: string;
  first: Promise<OpAnswer>;
}

/** Tables whose transactions can be made to fail, and whose use is counted beside the room's own count. */
export class BreakableTables extends RoomTables {
  /** How many of the next transactions are lost. */
  broken = 0;
  /** Rows read and written, as the cursors of the storage say. */
  readonly used: Required<Pick<MeterCounts, 'do.rowRead' | 'do.rowWritten'>>;

  constructor(storage: DurableObjectStorage) {
    const used = { 'do.rowRead': 0, 'do.rowWritten': 0 };
    super(counting(storage, used));
    this.used = used;
  }

  override atomically<T>(work: () => T extends Promise<unknown> ? never : T): T {
    if (this.broken === 0) return super.atomically(work);
    this.broken -= 1;
    return super.atomically(() => {
      work();
      throw new Error('The test has broken this transaction.');
    });
  }
}

/** Nobody pings. */
function noPings(now = () => Date.now()): Pings {
  return { lastAtMs: () => null, answeredBy: () => undefined, now };
}

/** The same storage; every statement's rows are added up when its cursor has been read. */
function counting(storage: DurableObjectStorage, used: BreakableTables['used']): DurableObjectStorage {
  const sql = {
    exec: <T extends Record<string, SqlStorageValue>>(query: string, ...bindings: SqlStorageValue[]) => {
      const cursor = storage.sql.exec<T>(query, ...bindings);
      const rows = cursor.toArray();
      const { rowsRead, rowsWritten } = cursor;
      used['do.rowRead'] += rowsRead;
      used['do.rowWritten'] += rowsWritten;
      return { toArray: () => rows, rowsRead, rowsWritten };
    },
  };
  const transactionSync = <T>(work: () => T) => storage.transactionSync(work);
  return { sql, transactionSync, sync: () => storage.sync() } as unknown as DurableObjectStorage;
}

const CONFIG: RoomConfig = {
  billingScale: 1e-9,
  demoCostLimit: 0,
  virtualLoadFactor: 100_000,
  virtualCostThreshold: 100,
  guardrailAction: 'warn',
  raceWindowMs: 20,
};

/** Opens a room and works in it, inside its object. */
export function inRoom<T>(plan: InnerPlan, work: (inner: Inner) => Promise<T>): Promise<T> {
  const show = crypto.randomUUID();
  return runInDurableObject(env.ROOM.getByName(`inner-${show}`), async (_room, state) => {
    const config = { ...CONFIG, ...plan.config };
    const sku = { id: 'ticket', name: 'Ticket', capacity: plan.capacity ?? 100, unitPrice: 25 };
    const tables = new BreakableTables(state.storage);
    const database = new FaultyDatabase();
    const points: AnalyticsEngineDataPoint[] = [];
    const connections = new Phones();
    const shopper = new Shopper(createExecutionContext(), { DB: database.db } as unknown as Env);
    const real = eventualLane(database.db, shopper, config.raceWindowMs);
    const bound = boundLanes([safeLane, plan.bend?.(real) ?? real, ...(plan.more ?? [])]);
    const lanes = [...bound.lanes.keys()];
    const opening: Opening = { show, sku, lanes, config, closesAt: Date.now() + 600_000, spent: {} };
    await real.open({ show, sku: sku.id, epoch: 1, capacity: sku.capacity });
    storeOpening(tables, newMemory(opening, Date.now()), Date.now());
    const memory = loadMemory(tables, Date.now());
    if (!memory) throw new Error('The room was not stored.');
    const telemetry = { writeDataPoint: (point?: AnalyticsEngineDataPoint) => void points.push(point ?? {}) };
    const presence = new Presence(connections, noPings(plan.now), Date.now());
    const ports: LivePorts = {
      ...platformPorts(tables, { connections, presence }, telemetry, plan.now),
      ...bound,
      ticked: () => undefined,
      failed: (what, error) => logLine(what, errorFields(error)),
    };
    const room = new LiveRoom(ports, memory);
    room.recover();
    const { mode = 'eventual' } = plan;
    await room.commits.ask((tx) => control(tx, 'host', { mode }, ports.lanes));
    return work({
      room,
      tables,
      database,
      points,
      tap: (order) => tap(room, order),
      socket: (label) => openSocket(connections, label),
    });
  });
}

/** Waits until something holds in a room, a few milliseconds at a time: nobody tells a test what happens inside. */
export async function until(holds: () => boolean, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('Waited in vain.');
    await scheduler.wait(5);
  }
}

/** Waits until nothing is in flight any more. */
export function settled(room: LiveRoom): Promise<void> {
  return until(() => room.memory.pending.size === 0);
}

/** Every row of a room in the orders of D1 that was written, by version. */
export async function rowsOf(show: string): Promise<{ op: string; version: number; epoch: number }[]> {
  const { results } = await env.DB.prepare(
    'SELECT op, version, epoch FROM orders WHERE show = ? AND version > 0 ORDER BY epoch, version',
  )
    .bind(show)
    .all<{ op: string; version: number; epoch: number }>();
  return results;
}

function tap(room: LiveRoom, order: { op?: string; units?: number; who?: string } = {}): Tap {
  const { op = crypto.randomUUID(), units = 1, who = 'guest-1' } = order;
  const request = {
    op,
    owner: who,
    label: who,
    role: 'participant' as const,
    units,
    epoch: null,
    mode: null,
    sim: false,
  };
  return { op, first: answerTo(room, request) };
}

function openSocket(connections: Connections, label: string): Heard {
  const heard: Heard = Object.assign<Down[], Pick<Heard, 'closed'>>([], { closed: null });
  const socket = {
    send: (text: string) => {
      const message = parseDown(text);
      if (message) heard.push(message);
    },
    close: (code: number) => void (heard.closed ??= code),
  };
  const caller = { sessionId: label, role: 'participant' as const, label, expiresAt: Infinity, ipHash: '' };
  connections.add(socket, caller, 0, Date.now());
  return heard;
}
