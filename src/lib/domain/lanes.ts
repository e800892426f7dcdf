/**
 * The lanes: one table of what each is made of and what may be relied on. Whoever treats one lane otherwise than another asks
 * a property of its row, and knows no lane by its name. A new lane is a row here, a file in src/server/lanes, and a binding.
 */

/** What is known of a lane, whatever happens on it. */
export interface LaneSpec {
  /** `now`: the room decides, in one synchronous step. `later`: it is decided elsewhere, and the room learns of it. */
  readonly answers: 'now' | 'later';
  /** False where acknowledged units can never pass the capacity: the audit holds it to that after every event. */
  readonly canOversell: boolean;
  /** True where each allocation names the version that it read and the one that it made: only there can an op be lost. */
  readonly hasLineage: boolean;
  /** The token of its colour, without the dashes (styles/tokens.css). Its words stand in components/lane-words.ts. */
  readonly colour: 'safe' | 'eventual';
}

/** Decided in an engine elsewhere, by statements that let nobody in between reading and writing. */
const CAREFUL = { answers: 'later', canOversell: false, hasLineage: true, colour: 'safe' } as const;
/** The same by statements that do: what was read may be old by the time of the write. */
const CARELESS = { ...CAREFUL, canOversell: true, colour: 'eventual' } as const;

/** In the order in which they are told side by side. A lane's name says the statements, never only the engine (engines.ts). */
const ROWS = {
  // In the room's own object, in one step that nothing interleaves.
  safe: {
    answers: 'now',
    canOversell: false,
    hasLineage: false,
    colour: 'safe',
  },
  // In D1, by a reading, a pause and a write over whatever stands there by then.
  eventual: CARELESS,
  // The same in PostgreSQL.
  'postgres-blind': CARELESS,
  // One statement: UPDATE where there is enough.
  'postgres-conditional': CAREFUL,
  // A transaction that locks the row while it reads.
  'postgres-for-update': CAREFUL,
  // A transaction without a lock, SERIALIZABLE, tried again when another was first.
  'postgres-serializable': CAREFUL,
  'dynamodb-put': CARELESS,
  'dynamodb-conditional': CAREFUL,
  'dynamodb-transaction': CAREFUL,
  // Exact only while nobody holds the lock longer than it lasts.
  'redis-lock': CARELESS,
  'redis-script': CAREFUL,
  'firestore-transaction': CAREFUL,
} as const satisfies Record<string, LaneSpec>;

/** The name of a lane. */
export type LaneId = keyof typeof ROWS;

/** The row of each lane. */
export const LANES: Readonly<Record<LaneId, LaneSpec>> = ROWS;

/** The lane that a room sells on until somebody says otherwise. */
export const FIRST_LANE: LaneId = 'safe';
/** The lanes of `both`, and of a show that asks for none in particular: a careful one and a careless one, side by side. */
export const PAIR: readonly LaneId[] = [FIRST_LANE, 'eventual'];
