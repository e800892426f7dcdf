/** Colours by what they mean, as values of CSS; the tokens behind them stand in styles/tokens.css. */
import { FIRST_LANE, LANES } from '#lib/domain/lanes.ts';
import type { LaneSpec } from '#lib/domain/lanes.ts';

/** What a figure's colour says; the words beside it say the same. */
export type Tone = 'ink' | 'quiet' | 'kept' | 'oversold' | 'lost' | LaneSpec['colour'];

/** Tones without a token of their own: a promise that was kept looks like the lane that keeps its word. */
const TOKENS: Partial<Record<Tone, string>> = { quiet: 'ink-quiet', kept: LANES[FIRST_LANE].colour };

/** The colour of a tone. */
export function colourOf(tone: Tone): string {
  return `var(--${TOKENS[tone] ?? tone})`;
}
