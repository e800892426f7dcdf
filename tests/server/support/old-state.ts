/** Shows that older code has stored (tests/server/fixtures), put where that code had them: the next call meets today's code. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { LaneResults } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { roomName } from '#lib/protocol/paths.ts';
import { signToken } from '#server/sessions/token.ts';
import type { Claims } from '#server/sessions/token.ts';

/** A state and what it is called. */
export const OLD_STATES = env.OLD_STATES ?? [];

type Person = Pick<Claims, 'sessionId' | 'role' | 'label' | 'skus'>;

/** What clients had been told of a state. */
interface Told {
  show: string;
  presenter: Person;
  phones: [Person, Person];
  /** Somebody who had logged out. */
  gone: Person;
  acks: { op: string; session: string; epoch: number; lanes: LaneResults }[];
  pending: { op: string; units: number; session: string }[];
  seq: number;
  epoch: number;
  lanes: RoomState['lanes'];
  ledger: RoomState['ledger'];
  wakes: number;
}

const LIVES_MS = 600_000;

/** A show of before. */
export class OldShow {
  readonly told: Told;
  readonly #state: (typeof OLD_STATES)[number];
  readonly #expiresAt = Date.now() + LIVES_MS;

  constructor(state: (typeof OLD_STATES)[number]) {
    this.#state = state;
    this.told = JSON.parse(state.told) as Told;
  }

  get room() {
    return env.ROOM.getByName(roomName(this.told.show, 'ticket'));
  }

  /** Puts it there, as if it were still running. `change` is SQL that is applied to the room's tables. */
  async put(change = ''): Promise<void> {
    const { show } = this.told;
    await this.#die((storage) => storage.deleteAll());
    for (const table of ['shows', 'presenters', 'inventory', 'orders']) {
      const column = table === 'shows' ? 'code' : 'show';
      await env.DB.prepare(`DELETE FROM ${table} WHERE ${column} = ?`).bind(show).run();
    }
    await env.DB.exec(this.#state.database);
    await env.DB.prepare('UPDATE shows SET closes_at = ? WHERE code = ?').bind(this.#expiresAt, show).run();
    await env.DB.prepare('UPDATE presenters SET expires_at = ? WHERE show = ?')
      .bind(this.#expiresAt, show)
      .run();
    await runInDurableObject(this.room, (_room, { storage }) => {
      const made = storage.sql.exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
      );
      for (const { name } of made.toArray()) storage.sql.exec(`DROP TABLE ${name}`);
      storage.sql.exec(this.#state.room);
      storage.sql.exec("UPDATE facts SET value = ? WHERE name = 'closesAt'", String(this.#expiresAt));
      if (change !== '') storage.sql.exec(change);
    });
    await evictDurableObject(this.room);
  }

  /** Ends whatever another test has left running. */
  async #die(first: (storage: DurableObjectStorage) => Promise<void>): Promise<void> {
    await runInDurableObject(this.room, async (_room, state) => {
      await first(state.storage);
      state.abort('the test begins anew');
    }).catch(() => undefined);
  }

  /** The lines of the log as they were stored. */
  get lines(): string[] {
    const rows = this.#state.room.matchAll(
      /INSERT INTO (?:log|commits) .*? VALUES \(\d+, \d+, '((?:[^']|'')*)'/gs,
    );
    return [...rows].flatMap(([, lines]) => (lines ?? '').replaceAll("''", "'").split('\n'));
  }

  /** Somebody's session, with a token that is still good. */
  async session(person: Person): Promise<Person & { show: string; token: string; skuIds: string[] }> {
    const { show } = this.told;
    const claims = { ...person, show, issuedAt: Date.now(), expiresAt: this.#expiresAt };
    const token = await signToken(env.SESSION_SECRET ?? '', claims);
    return { ...person, show, token, skuIds: person.skus };
  }
}
