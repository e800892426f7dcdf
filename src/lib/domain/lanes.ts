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

const ROWS = {
  // In the room's own object, in one step that nothing interleaves.
  safe: {
    answers: 'now',
    canOversell: false,
    hasLineage: false,
    colour: 'safe',
  },
  // In D1, by a reading, a pause and a write over whatever stands there by then.
  eventual: {
    answers: 'later',
    canOversell: true,
    hasLineage: true,
    colour: 'eventual',
  },
} as const satisfies Record<string, LaneSpec>;

/** The name of a lane. */
export type LaneId = keyof typeof ROWS;

/** The row of each lane. */
export const LANES: Readonly<Record<LaneId, LaneSpec>> = ROWS;

/** The lane that a room sells on until somebody says otherwise. */
export const FIRST_LANE: LaneId = 'safe';
/** The lanes of `both`, and of a show that asks for none in particular: a careful one and a careless one, side by side. */
export const PAIR: readonly LaneId[] = [FIRST_LANE, 'eventual'];
