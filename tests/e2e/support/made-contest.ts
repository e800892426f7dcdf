/**
 * A stage whose room tells what a test makes: the first word is a real room's, with lanes, mode and step in its place, and every
 * frame afterwards is the test's own. It shows the stage as it is, of a show for which this machine may have no engines.
 */
import type { Page, WebSocketRoute } from 'playwright-core';
import type { EventDraft, RoomEvent } from '#lib/domain/events.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { DownOf } from '#lib/protocol/down.ts';

/** What is made of a room's state. */
export type Made = Partial<
  Pick<RoomState, 'lanes' | 'mode' | 'step' | 'sku' | 'hold' | 'guardrail' | 'people'>
>;

/** Stands between a stage and its room from the stage's next load on. */
export class MadeRoom {
  #socket: WebSocketRoute | null = null;
  #state: RoomState | null = null;
  #made: Made = {};

  static async before(stage: Page): Promise<MadeRoom> {
    const made = new MadeRoom();
    await stage.routeWebSocket(/\/parties\/room\//, (socket) => {
      made.#take(socket);
    });
    return made;
  }

  /** What the room tells from here on, with the events that go with it. */
  tells(made: Made, drafts: readonly EventDraft[] = []): void {
    this.#made = { ...this.#made, ...made };
    if (!this.#state || !this.#socket) return;
    const { epoch, seq } = this.#state;
    const atMs = Date.now();
    const events = drafts.map((draft, place) => ({
      ...draft,
      epoch,
      seq: seq + 1 + place,
      atMs,
      hash: '0'.repeat(64),
    })) as RoomEvent[];
    this.#state = { ...this.#state, ...this.#made, seq: seq + events.length };
    const frame: DownOf<'frame'> = {
      t: 'frame',
      epoch,
      from: seq + 1,
      seq: this.#state.seq,
      events,
      omitted: 0,
      state: this.#state,
    };
    this.#socket.send(JSON.stringify(frame));
  }

  #take(socket: WebSocketRoute): void {
    const server = socket.connectToServer();
    server.onMessage((text) => {
      // What answers a heartbeat is no JSON.
      if (!String(text).startsWith('{')) return socket.send(text);
      const message = JSON.parse(String(text)) as DownOf<'welcome'> | DownOf<'frame'> | { t: 'audit' };
      if (message.t === 'frame') return;
      if (message.t !== 'welcome') return socket.send(text);
      this.#socket = socket;
      this.#state = { ...message.state, ...this.#made };
      socket.send(JSON.stringify({ ...message, state: this.#state }));
    });
  }
}
