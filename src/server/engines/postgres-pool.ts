/**
 * A lane's connections to PostgreSQL: a client of one connection for each slot, so that what fails is that connection and no other,
 * and no statement of a transaction can end up on another connection than its BEGIN. They are made when they are needed, and
 * closed after ten seconds without work, because an object with an open connection cannot sleep.
 */
import postgres from 'postgres';
import { countRetry } from '../lanes/engine-rows.ts';
import type { Tally } from '../lanes/engine-rows.ts';
import type { PostgresPort, Statement } from '../storage/postgres.ts';
import { BackOff } from './back-off.ts';
import { connectSocket } from './postgres-socket.ts';
import type { Tls } from './postgres-socket.ts';
import { Slots } from './slots.ts';

/** What one use of a connection may take, milliseconds: a statement, or a transaction with all of its round trips. */
const USE_WITHIN_MS = 10_000;
/** Seconds, as the client wants them. */
const IDLE_S = 10;
const DEFAULT_PORT = 5_432;

/** A client with its one connection. */
interface Client {
  sql: postgres.Sql<{ bigint: number }>;
  /** How often its connection has closed: in a transaction, once is too often. */
  closed: number;
}

/** The connection was lost between two statements of a transaction, which is over by that. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** The pool of one lane at one distance. */
export class PostgresPool implements PostgresPort {
  readonly #url: string;
  readonly #slots = new Slots();
  readonly #backOff = new BackOff();
  readonly #idle: Client[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  query<R>(tally: Tally, statement: Statement): Promise<R[]> {
    return this.#use((client) => run<R>(client, tally, statement));
  }

  transaction<T>(
    tally: Tally,
    begin: string,
    work: (query: <R>(statement: Statement) => Promise<R[]>) => Promise<T>,
  ): Promise<T> {
    return this.#use(async (client) => {
      await run(client, tally, [begin]);
      const { closed } = client;
      const query = <R>(statement: Statement) => {
        // The client would connect again, and run the statement by itself, outside of any transaction.
        if (client.closed !== closed) return Promise.reject(new ConnectionLost('in a transaction'));
        return run<R>(client, tally, statement);
      };
      let result: T;
      try {
        result = await work(query);
      } catch (error) {
        if (isAnswer(error)) await query(['ROLLBACK']);
        throw error;
      }
      // Where this is answered with a failure, nothing of the transaction was stored.
      await query(['COMMIT']);
      return result;
    });
  }

  /** Runs `work` on a connection of its own when its turn comes. */
  #use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    return this.#slots.use(async () => {
      this.#backOff.check();
      const client = this.#idle.pop() ?? connect(this.#url);
      try {
        const done = await within(USE_WITHIN_MS, work(client));
        this.#idle.push(client);
        this.#backOff.served();
        return done;
      } catch (error) {
        // Otherwise it is not known what state the connection is in; that of others is theirs.
        if (isAnswer(error)) this.#idle.push(client);
        else {
          this.#backOff.failed(error);
          drop(client);
        }
        throw error;
      }
    });
  }
}

/** True when the server answered with a failure of the statement, and the connection goes on. */
export function isAnswer(error: unknown): error is postgres.PostgresError {
  return error instanceof postgres.PostgresError && error.severity === 'ERROR';
}

/** Counts that a serializable transaction lost to another, where it did; rejects with everything else. */
export function lostToAnother(tally: Tally, error: unknown): void {
  if (!isAnswer(error) || error.code !== '40001') throw error;
  countRetry(tally, 'serialization');
}

function connect(url: string): Client {
  const { address, tls } = withoutTls(url);
  const { hostname, port } = new URL(address);
  // The library hands this on to whoever makes its sockets; its types do not say so.
  const sockets = { socket: () => connectSocket(hostname, Number(port || DEFAULT_PORT), tls) };
  const client: Client = {
    closed: 0,
    sql: postgres(address, {
      ...sockets,
      max: 1,
      idle_timeout: IDLE_S,
      max_lifetime: null,
      // Asked for at every connect otherwise: no statement here has an array.
      fetch_types: false,
      // Times in milliseconds are exact in a double.
      types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
      connection: {
        application_name: 'revenue-guard-live',
        // A client that is gone lets no row stay locked.
        idle_in_transaction_session_timeout: USE_WITHIN_MS,
        statement_timeout: USE_WITHIN_MS,
      },
      onnotice: () => undefined,
      onclose: () => {
        client.closed += 1;
      },
    }),
  };
  return client;
}

/** An address without what it says of TLS, and that: `sslmode`, as PostgreSQL's own clients read it. */
function withoutTls(url: string): { address: string; tls: Tls } {
  const address = new URL(url);
  const mode = address.searchParams.get('sslmode') ?? 'disable';
  address.searchParams.delete('sslmode');
  const tls = mode === 'disable' ? 'never' : mode === 'allow' || mode === 'prefer' ? 'prefer' : 'require';
  return { address: address.toString(), tls };
}

/** One statement. A first use of it on a connection prepares it, which is a round trip more; that one is not counted. */
async function run<R>(client: Client, tally: Tally, [sql, ...values]: Statement): Promise<R[]> {
  tally.roundTrips += 1;
  return [...(await client.sql.unsafe<R[] & postgres.Row[]>(sql, [...values], { prepare: true }))];
}

function drop({ sql }: Client): void {
  sql.end({ timeout: 0 }).catch(() => undefined);
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The database was silent for ${ms} ms.`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
