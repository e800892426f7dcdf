/** What the scenarios need of a host of rooms, and what hosts may differ in. */
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { RoomConfig } from '#lib/domain/events.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { LoginResult, Meta } from '#lib/protocol/http.ts';
import type { RoomClient } from './client.ts';

/** How a scenario wants its show. */
export interface Plan {
  /** Its products, each with a room of its own; `ticket` alone by default. The scenarios' sockets are in the first one. */
  skuIds?: readonly string[];
  capacity?: number;
  /** Its lanes; the two that every show has by default. */
  lanes?: readonly LaneId[];
  unitPrice?: number;
  config?: Partial<RoomConfig>;
}

/** A call of the HTTP contract. */
export interface Asked {
  /** POST where there is a body, else GET. */
  method?: 'GET' | 'POST';
  /** Sent as JSON; a text is sent as it is. */
  body?: unknown;
  /** The `Idempotency-Key`. */
  key?: string;
}

/** Its answer. */
export interface Answered<T = unknown> {
  status: number;
  data: T;
  error?: { code: ErrorCode; message: string; retryAfterMs?: number } | undefined;
  meta: Meta;
}

/** How far a client that comes back says that it is. */
export interface Resume {
  epoch: number;
  since: number;
}

/** A show on a host. */
export interface HostedShow {
  readonly presenter: LoginResult;
  /** A participant of its own. */
  join(): Promise<LoginResult>;
  /** Another session of the presenter, who comes back to the show. */
  joinAgain(): Promise<LoginResult>;
  /** Opens a socket; resolves when the room has greeted it or closed it. */
  connect(person: LoginResult, resume?: Resume): Promise<RoomClient>;
  /** Makes a call as somebody; null is a stranger. */
  call<T>(person: LoginResult | null, path: string, asked?: Asked): Promise<Answered<T>>;
  /** A room's log as a file. */
  exportLog(person: LoginResult): Promise<Uint8Array>;
  /** The presenter ends the show for everybody. */
  end(): Promise<void>;
  /** Lets so much time go, milliseconds: where the contract says how long to wait. */
  pass(ms: number): Promise<void>;
}

/** A host of rooms. What it says of itself is every difference that a client may find between two of them. */
export interface Host {
  readonly name: string;
  /** True where nothing that happens happened to anybody: the log's header says so. */
  readonly isSimulated: boolean;
  /** The lanes that its rooms can sell on. */
  readonly lanes: readonly LaneId[];
  /** True where a silent room falls asleep, so that there is a drill of it. */
  readonly sleeps: boolean;
  open(plan?: Plan): Promise<HostedShow>;
}
