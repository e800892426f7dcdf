/**
 * The room: the Durable Object of one show and one SKU. A shell: each hook counts what it costs, catches its own failures
 * and delegates. It hibernates when nothing happens; whatever it knows is rebuilt in the constructor.
 *
 * Longer than other files: the platform and its RPC want every hook and every call as a method of one class.
 */
import { Server } from 'partyserver';
import type { Connection, ConnectionContext } from 'partyserver';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Env } from '../env.ts';
import { connectedEngines } from '../config.ts';
import { everyLane } from '../lanes/every-lane.ts';
import { errorFields, logLine } from '../log.ts';
import { RoomTables } from '../storage/room-tables.ts';
import { NEWER_STATE, NewerState } from '../storage/schema.ts';
import { connect } from './connect.ts';
import { resetForSocket, sendReset } from './reset-calls.ts';
import * as handlers from './rpc-handlers.ts';
import { extend, seeToEnd, watchEnd } from './end-watch.ts';
import { endShow, setAlarm, wakeUp } from './ending.ts';
import type { Attachment } from '#lib/room/connections.ts';
import { loadMemory } from '#lib/room/memory.ts';
import type { LivePorts } from './live-room.ts';
import { LiveRoom, platformPorts, stockedMemory } from './live-room.ts';
import type { Answers, Asked, Call, RoomAnswer, RoomRpc } from './room-rpc.ts';
import { RoomSockets } from './sockets.ts';

/** How often a room that only newer code can read wakes for its alarm, milliseconds: a show may end a minute late. */
const NEWER_ALARM_MS = 60_000;

/** The Durable Object of one show and SKU. Its hooks meter, catch failures and delegate. */
export class Room extends Server<Env> implements RoomRpc {
  static override options = { hibernate: true };

  readonly #tables: RoomTables;
  readonly #sockets = new RoomSockets(this.ctx, async (caller, key) =>
    this.#open ? resetForSocket(this.#open, this.env.LIMITER, caller, key) : null,
  );
  #open: LiveRoom | null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#tables = new RoomTables(ctx.storage);
    const memory = this.#tables.found === 'newer' ? null : loadMemory(this.#tables, Date.now());
    this.#open = memory ? new LiveRoom(this.#ports(memory.opening), memory) : null;
    for (const socket of this.getConnections<Attachment>()) this.#sockets.recall(socket, Date.now());
    if (!this.#open) return;
    // Stored with the next commit: a wake that changes nothing costs no row.
    this.#open.memory.wakes += 1;
    this.#open.recover();
    ctx.waitUntil(seeToEnd(this.#open, env));
    // Code that could not read the tables may have let an alarm pass.
    if (this.#tables.found === 'raised') ctx.waitUntil(this.#setAlarm());
  }

  // ── RPC ────────────────────────────────────────────────────────────────────────────────────────────────────

  async open(opening: Parameters<RoomRpc['open']>[0]): Promise<void> {
    if (this.#opened()) return;
    const ports = this.#ports(opening);
    const memory = await stockedMemory(opening, ports.stored, Date.now());
    if (this.#open) return;
    this.#open = new LiveRoom(ports, memory);
    this.#open.open();
    await this.#setAlarm();
  }

  watchEnd(): Promise<void> {
    return this.#whileOpen(watchEnd);
  }

  extend(closesAt: number): Promise<void> {
    return this.#whileOpen((room) => extend(room, closesAt));
  }

  close(by: 'expiry' | 'presenter'): Promise<void> {
    return this.#whileOpen((room) => endShow(room, this.env.DB, by));
  }

  async renew(sessionId: string, expiresAt: number): Promise<void> {
    this.#sockets.connections.renew(sessionId, expiresAt);
    await this.#setAlarm();
  }

  async revoke(sessionId: string): Promise<void> {
    const room = this.#opened();
    if (!room) return;
    this.#tables.writeRevoked(sessionId);
    room.signOut(sessionId);
    await Promise.resolve();
  }

  charge(spent: Call['spent']): Promise<void> {
    this.#open?.handled({ 'do.request': 1 });
    this.#open?.handled(spent);
    this.#open?.costs.spent();
    return Promise.resolve();
  }

  admit(call: Call, kind: Asked<'admit'>): Answers<'admit'> {
    return this.#serve(call, kind, (room) => handlers.answered(room, null));
  }

  state(call: Call): Answers<'state'> {
    return this.#serve(call, 'state', (room) => handlers.sendState(room, call));
  }

  allocate(call: Call, order: Asked<'allocate'>): Answers<'allocate'> {
    return this.#serve(call, 'allocate', (room) => handlers.sendAllocate(room, call, order));
  }

  rush(call: Call, order: Asked<'rush'>): Answers<'rush'> {
    return this.#serve(call, 'rush', (room) => handlers.sendRush(room, order));
  }

  control(call: Call, change: Asked<'control'>): Answers<'control'> {
    return this.#serve(call, 'control', (room) => handlers.sendControl(room, call, change));
  }

  guardrail(call: Call, action: Asked<'guardrail'>): Answers<'guardrail'> {
    return this.#serve(call, 'guardrail', (room) => handlers.sendGuardrail(room, action));
  }

  reset(call: Call, key: string): Answers<'reset'> {
    return this.#serve(call, 'reset', (room) => sendReset(room, call, key));
  }

  audit(call: Call): Answers<'audit'> {
    return this.#serve(call, 'audit', async (room) => handlers.answered(room, await room.audits.ask()));
  }

  log(call: Call | null, reader: Asked<'log'>): Answers<'log'> {
    return this.#serve(call, 'log', (room) => handlers.sendLog(room, reader));
  }

  summary(call: Call | null): Answers<'summary'> {
    return this.#serve(call, 'summary', async (room) => handlers.answered(room, await room.summary.make()));
  }

  // ── sockets ─────────────────────────────────────────────────────────────────────────────────────────────────────

  override async onConnect(
    connection: Connection<Attachment>,
    { request }: ConnectionContext,
  ): Promise<void> {
    try {
      if (this.#tables.found === 'newer') return connection.close(CLOSE.failed, NEWER_STATE);
      this.#open?.handled({ 'worker.request': 1, 'do.request': 1 });
      if (connect(this.#sockets, connection, request, this.#open)) await this.#setAlarm();
    } catch (error) {
      // The library would send the stack to the client.
      logLine('connect_failed', { room: this.name, ...errorFields(error) });
      this.#sockets.left(connection, this.#open);
      connection.close(CLOSE.failed, 'the room failed: come back');
    }
  }

  /** Replaces the library's own: it decodes the socket's attachment on every message, which the connections know already. */
  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    try {
      this.#open?.handled({ 'do.messageIn': 1 });
      if (this.#tables.found === 'newer') return socket.close(CLOSE.failed, NEWER_STATE);
      this.#sockets.hear(socket, data, this.#open);
    } catch (error) {
      logLine('message_failed', { room: this.name, ...errorFields(error) });
    }
    // Hooks are asynchronous by the library's type; nothing here waits.
    await Promise.resolve();
  }

  override onClose(connection: Connection): void {
    this.#sockets.left(connection, this.#open);
  }

  override onError(connection: Connection, error: unknown): void {
    logLine('socket_failed', { room: this.name, ...errorFields(error) });
    this.#sockets.left(connection, this.#open);
  }

  override async onAlarm(): Promise<void> {
    this.#open?.handled({ 'do.request': 1 });
    // The platform gives up an alarm after six retries (developers.cloudflare.com/durable-objects/api/alarms), so it is set again
    // until code runs that can read the tables.
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
  #opened(): LiveRoom | null {
    if (this.#tables.found === 'newer') throw new NewerState();
    return this.#open;
  }

  /** Changes how long the show lives; nothing once it is over. */
  async #whileOpen(act: (room: LiveRoom) => void | Promise<void>): Promise<void> {
    const room = this.#opened();
    if (!room || room.memory.facts.closed) return;
    await act(room);
    await this.#setAlarm();
  }

  /** Serves a call: counts it, and refuses it if it may not be made. */
  async #serve<T>(
    call: Call | null,
    kind: Asked<'admit'>,
    serve: (room: LiveRoom) => RoomAnswer<T> | Promise<RoomAnswer<T>>,
  ): Promise<RoomAnswer<T>> {
    const room = this.#opened();
    if (!room) throw new Error(`Room ${this.name} was never opened`);
    this.#open?.handled({ 'do.request': 1 });
    if (call) this.#open?.handled(call.spent);
    return handlers.serveCall(room, call, kind, serve);
  }

  /** An awake room looks by itself, and puts off the alarm that would wake it for that: once it is silent it sleeps first. */
  #look(): void {
    if (!this.#open || !this.#sockets.presence.due(this.#open.commits.steady())) return;
    this.#open.look();
    this.ctx.waitUntil(this.#setAlarm());
  }

  async #setAlarm(): Promise<void> {
    if (this.#open) await setAlarm(this.#open, this.ctx.storage);
  }

  #ports({ lanes, config: { raceWindowMs } }: Parameters<RoomRpc['open']>[0]): LivePorts {
    const { DB: db, TELEMETRY, ENGINE_LANE } = this.env;
    const engines = connectedEngines(this.env);
    const { exports } = this.ctx;
    return {
      ...platformPorts(this.#tables, this.#sockets, TELEMETRY),
      ...everyLane(lanes, { db, exports, raceWindowMs, engineLanes: ENGINE_LANE, engines }),
      ticked: () => this.#look(),
      failed: (what, error) => logLine(what, { room: this.name, ...errorFields(error) }),
    };
  }
}
