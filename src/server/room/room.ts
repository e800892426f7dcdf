/**
 * The room: the Durable Object of one show and one SKU. A shell: each hook counts what it costs, catches its own failures
 * and delegates. It hibernates when nothing happens; whatever it knows is rebuilt in the constructor.
 */
import { Server } from 'partyserver';
import type { Connection, ConnectionContext } from 'partyserver';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import type { AllocateResult, RushResult } from '#lib/protocol/http.ts';
import type { RoomSummary } from '#lib/summary/show-summary.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Env } from '../env.ts';
import { everyLane } from '../lanes/every-lane.ts';
import { errorFields, logLine } from '../log.ts';
import { RoomTables } from '../storage/room-tables.ts';
import { NEWER_STATE, NewerState } from '../storage/schema.ts';
import {
  allocate,
  answered,
  sendControl,
  sendGuardrail,
  sendLog,
  sendReset,
  sendRush,
  serveCall,
} from './calls.ts';
import type { CallKind } from './call-limits.ts';
import { extend, seeToEnd, watchEnd } from './end-watch.ts';
import { endShow, setAlarm, wakeUp } from './ending.ts';
import type { LogReader } from './exports.ts';
import { greet } from './greeting.ts';
import { readMessage } from './inbox.ts';
import { platformPings } from './pings.ts';
import { Presence } from './presence.ts';
import { hear, Members } from './members.ts';
import type { Attachment } from './members.ts';
import { loadMemory } from './memory.ts';
import { stockedMemory, storeOpening } from './opening.ts';
import { OpenRoom } from './open-room.ts';
import type { Call, Opening, RoomAnswer, RoomPort } from './port.ts';
import { resetWithinLimit } from './reset-limit.ts';
import { renewSockets, signOut } from './sessions-here.ts';
import { handle } from './sockets.ts';
import type { SocketHost } from './sockets.ts';

/** How often a room that only newer code can read wakes for its alarm, milliseconds: a show may end a minute late. */
const NEWER_ALARM_MS = 60_000;

/** See the module's comment. */
export class Room extends Server<Env> implements RoomPort {
  static override options = { hibernate: true };

  readonly #tables: RoomTables;
  readonly #members = new Members();
  readonly #presence = new Presence(this.#members, platformPings(this.ctx), Date.now());
  readonly #instance = crypto.randomUUID();
  readonly #socketHost: SocketHost = {
    reset: async (caller, key) =>
      this.#open ? resetWithinLimit(this.#open, this.env.LIMITER, caller, key) : null,
  };
  #open: OpenRoom | null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#tables = new RoomTables(ctx.storage);
    const memory = loadMemory(this.#tables, Date.now());
    this.#open = memory ? new OpenRoom(this.#parts(memory.opening.config.raceWindowMs), memory) : null;
    for (const connection of this.getConnections<Attachment>()) this.#recall(connection);
    if (!this.#open) return;
    // Stored with the next commit: a wake that changes nothing costs no row.
    this.#open.memory.wakes += 1;
    this.#open.recover();
    ctx.waitUntil(seeToEnd(this.#open, env));
    // Code that could not read the tables may have let an alarm pass.
    if (this.#tables.found === 'raised') ctx.waitUntil(this.#setAlarm());
  }

  // ── the port ────────────────────────────────────────────────────────────────────────────────────────────────────

  async open(opening: Opening): Promise<void> {
    if (this.#opened()) return;
    const parts = this.#parts(opening.config.raceWindowMs);
    const memory = await stockedMemory(opening, parts.lanes, Date.now());
    if (this.#open) return;
    storeOpening(this.#tables, memory, Date.now());
    this.#open = new OpenRoom(parts, memory);
    this.#open.recover();
    await this.#setAlarm();
  }

  async watchEnd(): Promise<void> {
    const room = this.#opened();
    if (!room || room.memory.facts.closed) return;
    watchEnd(room);
    await this.#setAlarm();
  }

  async extend(closesAt: number): Promise<void> {
    const room = this.#opened();
    if (!room || room.memory.facts.closed) return;
    extend(room, closesAt);
    await this.#setAlarm();
  }

  async close(by: 'expiry' | 'presenter'): Promise<void> {
    const room = this.#opened();
    if (!room || room.memory.facts.closed) return;
    await endShow(room, this.env.DB, by);
    await this.#setAlarm();
  }

  async renew(sessionId: string, expiresAt: number): Promise<void> {
    renewSockets(this.#members, sessionId, expiresAt);
    await this.#setAlarm();
  }

  async revoke(sessionId: string): Promise<void> {
    const room = this.#opened();
    if (!room) return;
    this.#tables.writeRevoked(sessionId);
    room.memory.revoked.add(sessionId);
    signOut(this.#members, sessionId);
    await Promise.resolve();
  }

  charge(spent: Call['spent']): Promise<void> {
    this.#handled({ 'do.request': 1 });
    this.#handled(spent);
    this.#open?.costs.spent();
    return Promise.resolve();
  }

  admit(call: Call, kind: CallKind): Promise<RoomAnswer<null>> {
    return this.#serve(call, kind, (room) => Promise.resolve(answered(room, null)));
  }

  state(call: Call): Promise<RoomAnswer<FullRoomState>> {
    return this.#serve(call, 'state', (room) => Promise.resolve(answered(room, room.fullState())));
  }

  allocate(call: Call, order: Parameters<RoomPort['allocate']>[1]): Promise<RoomAnswer<AllocateResult>> {
    return this.#serve(call, 'allocate', (room) => allocate(room, call, order));
  }

  rush(call: Call, order: Parameters<RoomPort['rush']>[1]): Promise<RoomAnswer<RushResult>> {
    return this.#serve(call, 'rush', (room) => sendRush(room, order));
  }

  control(call: Call, change: Parameters<RoomPort['control']>[1]): Promise<RoomAnswer<FullRoomState>> {
    return this.#serve(call, 'control', (room) => sendControl(room, call, change));
  }

  guardrail(call: Call, action: 'trip' | 'clear'): Promise<RoomAnswer<FullRoomState>> {
    return this.#serve(call, 'guardrail', (room) => sendGuardrail(room, action));
  }

  reset(call: Call, key: string): Promise<RoomAnswer<{ epoch: number }>> {
    return this.#serve(call, 'reset', (room) => sendReset(room, call, key));
  }

  audit(call: Call): Promise<RoomAnswer<AuditResult>> {
    return this.#serve(call, 'audit', async (room) => answered(room, await room.audits.ask()));
  }

  log(call: Call | null, reader: LogReader): Promise<RoomAnswer<ReadableStream<Uint8Array>>> {
    return this.#serve(call, 'log', (room) => sendLog(room, reader));
  }

  summary(call: Call | null): Promise<RoomAnswer<RoomSummary>> {
    return this.#serve(call, 'summary', async (room) => answered(room, await room.summing.make()));
  }

  // ── sockets ─────────────────────────────────────────────────────────────────────────────────────────────────────

  override async onConnect(
    connection: Connection<Attachment>,
    { request }: ConnectionContext,
  ): Promise<void> {
    try {
      if (this.#tables.found === 'newer') return connection.close(CLOSE.failed, NEWER_STATE);
      this.#handled({ 'worker.request': 1, 'do.request': 1 });
      const life = { instance: this.#instance, wakes: this.#open?.memory.wakes ?? 0 };
      if (greet(connection, request, this.#open, life)) await this.#setAlarm();
    } catch (error) {
      // The library would send the stack to the client.
      logLine('connect_failed', { room: this.name, ...errorFields(error) });
      this.#left(connection);
      connection.close(CLOSE.failed, 'the room failed: come back');
    }
  }

  /** Replaces the library's own: it decodes the socket's attachment on every message, which the members know already. */
  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    try {
      this.#handled({ 'do.messageIn': 1 });
      if (this.#tables.found === 'newer') return socket.close(CLOSE.failed, NEWER_STATE);
      const member = this.#members.get(socket);
      if (!this.#open || !member) return socket.close(CLOSE.unknown, 'this room is not open');
      if (member.closing) return;
      const nowMs = this.#open.engine.steady();
      hear(member, nowMs);
      const message = readMessage(member, data, nowMs, this.#open.lag.lateMs());
      if (message) handle(member, this.#open, this.#socketHost, message);
    } catch (error) {
      logLine('message_failed', { room: this.name, ...errorFields(error) });
    }
    // Hooks are asynchronous by the library's type; nothing here waits.
    await Promise.resolve();
  }

  override onClose(connection: Connection): void {
    this.#left(connection);
  }

  override onError(connection: Connection, error: unknown): void {
    logLine('socket_failed', { room: this.name, ...errorFields(error) });
    this.#left(connection);
  }

  override async onAlarm(): Promise<void> {
    this.#handled({ 'do.request': 1 });
    // The platform gives an alarm up that fails a few times: code that can read the tables finds it as it would be.
    if (this.#tables.found === 'newer') return this.ctx.storage.setAlarm(Date.now() + NEWER_ALARM_MS);
    // An alarm may come twice, and the second one wakes a room that is gone: what the wake made goes too.
    if (!this.#open) return this.ctx.storage.deleteAll();
    await seeToEnd(this.#open, this.env);
    const gone = await wakeUp(this.#open, this.env, this.ctx.storage);
    if (gone) this.#open = null;
    else await this.#setAlarm();
  }

  override onRequest(): Response {
    return new Response('A room is reached by socket.', { status: 426 });
  }

  // ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The room, or null when it was never opened. Throws {@link NewerState} when this code cannot read it. */
  #opened(): OpenRoom | null {
    if (this.#tables.found === 'newer') throw new NewerState();
    return this.#open;
  }

  /** Serves a call: counts it, and refuses it if it may not be made. */
  async #serve<T>(
    call: Call | null,
    kind: CallKind,
    serve: (room: OpenRoom) => Promise<RoomAnswer<T>>,
  ): Promise<RoomAnswer<T>> {
    const room = this.#opened();
    if (!room) throw new Error(`Room ${this.name} was never opened`);
    this.#handled({ 'do.request': 1 });
    if (call) this.#handled(call.spent);
    return serveCall(room, call, kind, serve);
  }

  #handled(spent: Call['spent']): void {
    if (!this.#open) return;
    const { meters } = this.#open.memory;
    meters.active(this.#open.engine.steady());
    meters.add(spent);
    this.#open.handled();
  }

  /** An awake room looks by itself, and puts off the alarm that would wake it for that: once it is silent it sleeps first. */
  #look(): void {
    if (!this.#open || !this.#presence.due(this.#open.engine.steady())) return;
    this.#open.look();
    this.ctx.waitUntil(this.#setAlarm());
  }

  #left(connection: Connection): void {
    if (!this.#members.remove(connection)) return;
    this.#open?.feed.changedForStages();
    this.#open?.costs.spent();
  }

  /** A socket that slept: its attachment says who opened it. One without was closed before it was welcomed. */
  #recall(connection: Connection<Attachment>): void {
    if (connection.state) this.#members.add(connection, connection.state, 0, Date.now(), true);
  }

  async #setAlarm(): Promise<void> {
    if (this.#open) await setAlarm(this.#open, this.ctx.storage);
  }

  #parts(raceWindowMs: number) {
    return {
      tables: this.#tables,
      members: this.#members,
      presence: this.#presence,
      telemetry: this.env.TELEMETRY,
      lanes: everyLane(this.env.DB, this.ctx.exports, raceWindowMs),
      now: () => Date.now(),
      ticked: () => this.#look(),
    };
  }
}
