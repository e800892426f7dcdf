/**
 * The alternatives that the guide compares. Their figures are claims: each is shown with its source, and was not checked
 * here. What this site measured is shown beside the claim, or the cell says that nothing was measured.
 */
import { phrase } from '#lib/language/phrase.ts';
import type { EvidenceKey } from './evidence.ts';

/** The source of the claims. */
export function claimedBy(): string {
  return phrase('the written guide that this show was made from');
}

/** What is compared. */
export const ASPECTS = ['atomic', 'latency', 'yearlyCost', 'effort'] as const;
/** One of {@link ASPECTS}. */
export type Aspect = (typeof ASPECTS)[number];

/** Heading of each aspect's column. */
export function aspectNames(): Readonly<Record<Aspect, string>> {
  return {
    atomic: phrase('Atomic?'),
    latency: phrase('Slowest hundredth (p99)'),
    yearlyCost: phrase('Cost a year'),
    effort: phrase('Effort'),
  };
}

/** One alternative: a row of the table. */
export interface Alternative {
  /** Anchor on the page. */
  id: string;
  name: string;
  /** What the source claims; null where it claims nothing. */
  claims: Readonly<Record<Aspect, string | null>>;
  /** Figures that any show of this site measures, by aspect; elsewhere stands what its lanes came to (alternative-lanes.ts). */
  measured: Readonly<Partial<Record<Aspect, EvidenceKey>>>;
  /** What the claim leaves out, in our words. */
  note: string;
}

/** First what the source claims, in its order; then what only this show has. */
export function alternatives(): readonly Alternative[] {
  return [
    {
      id: 'dynamo',
      name: 'AWS DynamoDB',
      claims: {
        atomic: phrase('eventual, by streams'),
        latency: '50–100 ms',
        yearlyCost: phrase('$400–800k'),
        effort: phrase('weeks'),
      },
      measured: {},
      note: phrase(
        'Read and put back, it oversells; a conditional write makes the single step atomic. The claim is about a design with streams.',
      ),
    },
    {
      id: 'elasticache',
      name: 'AWS ElastiCache',
      claims: {
        atomic: phrase('up to the application'),
        latency: '10–30 ms',
        yearlyCost: phrase('$200–400k'),
        effort: phrase('2–3 weeks'),
      },
      measured: {},
      note: phrase(
        'Its single commands are atomic, and so is a script. A lock that expires holds only while nobody outlives it; whether a stored number survives a failover is another question.',
      ),
    },
    {
      id: 'dynamo-transactions',
      name: phrase('DynamoDB transactions'),
      claims: {
        atomic: phrase('yes, at a price'),
        latency: '50–150 ms',
        yearlyCost: phrase('$0.8–1.5M'),
        effort: phrase('complex, with limits'),
      },
      measured: {},
      note: phrase('A transaction over one row is more than this problem needs.'),
    },
    {
      id: 'regional-sql',
      name: phrase('SQL in one region'),
      claims: {
        atomic: phrase('yes, slowly'),
        latency: '87–450 ms',
        yearlyCost: phrase('$1.89–2.95M'),
        effort: phrase('heavy'),
      },
      measured: {},
      note: phrase(
        'One conditional UPDATE does it. A lock is held for every trip, so it crawls with distance. What the claimed time is made of, the guide does not say.',
      ),
    },
    {
      id: 'durable-objects',
      name: 'Cloudflare Durable Objects',
      claims: {
        atomic: phrase('yes'),
        latency: '12–25 ms',
        yearlyCost: phrase('$135–175k'),
        effort: phrase('4 weeks'),
      },
      measured: { atomic: 'safeStock', latency: 'safeLatency' },
      note: phrase(
        'The safe lane of this show. The latency is what this room’s phones felt, over their network.',
      ),
    },
    {
      id: 'firestore',
      name: 'GCP Datastore, Firestore',
      claims: {
        atomic: phrase('similar patterns'),
        latency: phrase('higher, regional'),
        yearlyCost: null,
        effort: phrase('tied to a region'),
      },
      measured: {},
      note: phrase('Transactions there are serialisable.'),
    },
    {
      id: 'read-pause-write',
      name: phrase('D1, read and written back'),
      claims: { atomic: null, latency: null, yearlyCost: null, effort: null },
      measured: { atomic: 'eventualOversell', latency: 'eventualLatency' },
      note: phrase('The eventual lane of this show: careless on purpose, and no verdict on D1.'),
    },
  ];
}

/** A figure of the guide that belongs to no row of the table. */
export interface LooseClaim {
  id: string;
  name: string;
  claim: string;
  measured: EvidenceKey | null;
}

/** What else the guide claims. */
export function looseClaims(): readonly LooseClaim[] {
  return [
    { id: 'near', name: phrase('Answer to somebody near'), claim: '12 ms', measured: 'safeLatency' },
    { id: 'far', name: phrase('Answer to somebody far away'), claim: '85 ms', measured: null },
    { id: 'cold', name: phrase('Cold start of an isolate'), claim: phrase('under 5 ms'), measured: null },
    {
      id: 'back',
      name: phrase('Back after hibernation or a cut'),
      claim: phrase('under 1 s'),
      measured: 'recovery',
    },
  ];
}
