/**
 * What the guide calls evidence: the figures that a show can give. For each: its name, the verifier's check that recomputes
 * it, and how to get it. The figures themselves are read from a show's summary (src/routes/guide/figures.ts).
 */
import type { AuditKey } from '#lib/domain/audit-findings.ts';
import { phrase } from '#lib/language/phrase.ts';

/** Every figure that the guide refers to, by key. */
export const EVIDENCE_KEYS = [
  'safeStock',
  'eventualOversell',
  'lostUpdates',
  'exposure',
  'realSpend',
  'cost',
  'load',
  'safeLatency',
  'eventualLatency',
  'recovery',
  'sideBySide',
  'kept',
  'refusals',
] as const;
/** One of {@link EVIDENCE_KEYS}. */
export type EvidenceKey = (typeof EVIDENCE_KEYS)[number];

/** One kind of evidence. */
export interface Evidence {
  /** What the figure is, in a few words. */
  name: string;
  /** The check that recomputes it from the log; null where the log does not have it. */
  check: AuditKey | null;
  /** Step of the script that produces it, 1 to 6. */
  step: number;
  /** How to get it, for a reader who has no show yet. */
  how: string;
}

/** Every kind of evidence, by key. */
export function evidence(): Readonly<Record<EvidenceKey, Evidence>> {
  return {
    safeStock: {
      name: phrase('Sold on the safe lane'),
      check: 'safeCapacity',
      step: 2,
      how: phrase('Open a show, stay on the safe lane, and let people tap until it is sold out.'),
    },
    eventualOversell: {
      name: phrase('Oversold on the eventual lane'),
      check: 'oversold',
      step: 3,
      how: phrase('Switch the show to the eventual lane and let several people tap at the same time.'),
    },
    lostUpdates: {
      name: phrase('Updates lost'),
      check: 'lost',
      step: 3,
      how: phrase('Switch the show to the eventual lane and let several people tap at the same time.'),
    },
    exposure: {
      name: phrase('Owed for what was sold twice'),
      check: 'exposure',
      step: 3,
      how: phrase('Oversell the eventual lane: each unit that nobody can deliver is owed at its price.'),
    },
    realSpend: {
      name: phrase('Real spend'),
      check: 'limit',
      step: 1,
      how: phrase('Open a show. The account stands on the stage from the first second.'),
    },
    cost: {
      name: phrase('Virtual cost'),
      check: 'virtual',
      step: 4,
      how: phrase('Run a show with taps in it: the meters count what its rooms do.'),
    },
    load: {
      name: phrase('Orders answered'),
      check: 'once',
      step: 2,
      how: phrase('Let a room full of phones tap, or send a simulated crowd, which is marked as one.'),
    },
    safeLatency: {
      name: phrase('Answers, safe lane'),
      check: null,
      step: 2,
      how: phrase('Let phones tap on the safe lane: each tells how long its last answer took.'),
    },
    eventualLatency: {
      name: phrase('Answers, eventual lane'),
      check: null,
      step: 3,
      how: phrase('Let phones tap on the eventual lane: each tells how long its last answer took.'),
    },
    recovery: {
      name: phrase('Back after a cut'),
      check: null,
      step: 5,
      how: phrase(
        'Cut all connections with the drill on the control screen: every client measures how long it is away, from the cut on.',
      ),
    },
    sideBySide: {
      name: phrase('One page, both paths'),
      check: 'once',
      step: 3,
      how: phrase('Tap on each of the lanes, or on both at once: it is the same page and the same button.'),
    },
    kept: {
      name: phrase('Kept about this browser’s session'),
      check: null,
      step: 1,
      how: phrase(
        'Join a show with this browser, then open this page again: it asks for exactly what is stored.',
      ),
    },
    refusals: {
      name: phrase('Turned away'),
      check: null,
      step: 2,
      how: phrase('Sell out, or tap faster than a person can: refusals are counted by their reason.'),
    },
  };
}
