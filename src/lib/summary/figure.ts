/** One result of a show's card. */
import type { AuditKey } from '#lib/domain/audit-findings.ts';
import type { LaneSpec } from '#lib/domain/lanes.ts';

/** One result. */
export interface Figure {
  key: string;
  label: string;
  value: string;
  /** What the figure means, in a sentence or two. */
  note: string;
  /** Role of its colour, which the words express as well. */
  tone: 'ink' | 'quiet' | 'oversold' | 'lost' | LaneSpec['colour'];
  /** The check that proves it; null for figures that are not in the log. */
  check: AuditKey | null;
  /** What SIMULATED shoppers have to do with it; '' where they have nothing to do with it. */
  simulated: string;
}

/** A figure before it is said what SIMULATED shoppers have to do with it. */
export type Result = Omit<Figure, 'simulated'>;
