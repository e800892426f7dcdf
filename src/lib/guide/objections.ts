/** Objections to the demonstration, and short answers to them. No text states a figure. */
import { phrase } from '#lib/language/phrase.ts';
import type { EvidenceKey } from './evidence.ts';

/** An objection and its answer. */
export interface Objection {
  /** Anchor on the page. */
  id: string;
  says: string;
  answer: string;
  /** Figures of a show that back the answer; empty only where `none` says why. */
  evidence: readonly EvidenceKey[];
  /** Why there is no figure. */
  none?: string;
}

/** From those who buy and run it. */
export function objections(): readonly Objection[] {
  return [
    {
      id: 'spikes',
      says: phrase('Usage-based prices explode when it gets busy.'),
      answer: phrase(
        'An alert tells you afterwards. Here the limit is part of admission: a charge that would pass it is refused, and the stock is left alone. Stock that is sold out is not written to for every tap that comes after.',
      ),
      evidence: ['realSpend', 'cost'],
    },
    {
      id: 'latency',
      says: phrase('One more hop, one more wait.'),
      answer: phrase(
        'The state lies in the object that decides, so there is no second trip to a database. What is left is the way to that object and one durable write. The phones measured it.',
      ),
      evidence: ['safeLatency'],
    },
    {
      id: 'load',
      says: phrase('Everything oversells under load.'),
      answer: phrase(
        'Load is not the cause, the gap is. The same thumbs tap on both lanes; the one without a gap stops.',
      ),
      evidence: ['safeStock', 'eventualOversell'],
    },
    {
      id: 'backend',
      says: phrase('We cannot touch the backend.'),
      answer: phrase(
        'Then leave it. The decision about scarce stock can stand in front of it for the hours of a sale, and be switched off again. In this show a switch moves a room from one lane to another while it runs.',
      ),
      evidence: ['sideBySide'],
    },
    {
      id: 'bots',
      says: phrase('Bots will have it all before a person has tapped.'),
      answer: phrase(
        'A ration per participant makes a script no faster than the fastest person; the check at the door makes participants hard to mint. Neither is perfect, and both are counted.',
      ),
      evidence: ['refusals'],
    },
    {
      id: 'network',
      says: phrase('The network drops in the middle of a purchase. Then what?'),
      answer: phrase(
        'Every tap has an id that the phone keeps until it is answered. Asked again, the room gives the same answer and sells nothing twice.',
      ),
      evidence: ['recovery', 'load'],
    },
    {
      id: 'staged',
      says: phrase('You could have staged these numbers.'),
      answer: phrase(
        'Take the log and recount it on your own machine. Phones hold receipts that a rewritten log would contradict. What this cannot prove stands below, in our own words.',
      ),
      evidence: ['lostUpdates', 'safeStock'],
    },
    {
      id: 'people',
      says: phrase('Is it hard to run for people who have never seen it?'),
      answer: phrase('We do not know. One command starts it here; your operations are not ours.'),
      evidence: [],
      none: phrase('No show measures how long a team takes to learn something.'),
    },
  ];
}

/** From a careful engineer. We say them ourselves. */
export function engineers(): readonly Objection[] {
  return [
    {
      id: 'conditional',
      says: phrase('DynamoDB has conditional writes.'),
      answer: phrase(
        'It has. A write that is refused when its reading is stale closes the gap, in that database and in most others. Where such a lane was opened, its row above shows that it does.',
      ),
      evidence: [],
      none: phrase('The figures of its lanes stand in the table of what else there is.'),
    },
    {
      id: 'serialisable',
      says: phrase('Firestore transactions are serialisable.'),
      answer: phrase(
        'They are, and a conflict is tried again. Under contention for a single product that costs round trips; it does not oversell.',
      ),
      evidence: [],
      none: phrase('No truthful one can be had on one machine: its lane needs a project of your own.'),
    },
    {
      id: 'update',
      says: phrase('One conditional UPDATE in the same D1 would not oversell either.'),
      answer: phrase(
        'True. The database that loses updates on the eventual lane did what it was told: somebody read, waited, and wrote back a number. The lesson is the gap between reading and writing, and where the state lives while you decide. It is not a vendor.',
      ),
      evidence: ['lostUpdates'],
    },
    {
      id: 'pause',
      says: phrase('You put the pause there yourselves.'),
      answer: phrase(
        'Yes; its length is in the log’s first event. It makes the gap wide enough for one room to meet in. A gap without a pause is narrower, not closed.',
      ),
      evidence: ['lostUpdates'],
    },
    {
      id: 'ceiling',
      says: phrase('A single-threaded object has a ceiling.'),
      answer: phrase(
        'It has, and one very popular product cannot be split without giving up that there is one place that knows. Products and shows do not share an object, so the ceiling is per product. Beyond it, slices of stock would have to be leased; that is not built.',
      ),
      evidence: ['load'],
    },
    {
      id: 'distance',
      says: phrase('An object lives in one place. My customers do not.'),
      answer: phrase(
        'Whoever is far away pays for the distance on every purchase. Reading can be spread, deciding cannot. What the phones measured holds for their distance only.',
      ),
      evidence: ['safeLatency'],
    },
    {
      id: 'down',
      says: phrase('If that object cannot be reached, nobody can buy.'),
      answer: phrase(
        'Right. It chooses to say nothing rather than something wrong. A lane that goes on selling in that case has to be able to apologise.',
      ),
      evidence: [],
      none: phrase('A failing data centre cannot be shown on one machine.'),
    },
    {
      id: 'oneMachine',
      says: phrase('It ran on a laptop.'),
      answer: phrase(
        'If this site was started with its local command, it did: the real runtime and the real storage engine on one machine. No restart at the edge, no distance between replicas, no memory limit of production, no real check for bots and no trust in the network’s word for an address was seen.',
      ),
      evidence: [],
      none: phrase('What one machine cannot show is listed in the project’s documents as not verified.'),
    },
    {
      id: 'operator',
      says: phrase('The log is the operator’s own.'),
      answer: phrase(
        'The chain proves that a log agrees with itself, and receipts prove that it agrees with what phones were told. Neither proves that the operator recorded everything, and times are those of the operator’s clocks. A log that was cut off at its end still holds, unless somebody has a receipt from behind the cut.',
      ),
      evidence: ['load'],
    },
    {
      id: 'phones',
      says: phrase('Latency is told by the phones. Phones can lie.'),
      answer: phrase(
        'They can, and are believed. That is the price of measuring where it is felt. The sample count stands beside each figure, and the slowest hundredth is only shown when there are enough samples to speak of one.',
      ),
      evidence: ['safeLatency'],
    },
    {
      id: 'virtual',
      says: phrase('Virtual cost is arithmetic.'),
      answer: phrase(
        'It is: counted operations at list price, times the load that each stands for, plus what is owed. It says ESTIMATE wherever it stands. Real spend is the show’s own account under its scale and its limit; it says nothing about your bill.',
      ),
      evidence: ['cost', 'realSpend'],
    },
  ];
}
