/**
 * The rows of the validation matrix: eight people with a worry, the show's answer to each, and the promise that has to hold
 * for that answer. No text states a figure.
 */
import { phrase } from '#lib/language/phrase.ts';
import type { EvidenceKey } from './evidence.ts';

/** Somebody who has to be convinced. */
export interface Persona {
  /** Initials, as on a door; also the anchor of the row. */
  id: string;
  /** The post in words. */
  post: string;
  worry: string;
  /** The show's answer; it claims no more than the evidence shows. */
  answer: string;
  /** Figures of a show that back the answer, one at least. */
  evidence: readonly [EvidenceKey, ...EvidenceKey[]];
  /** What has to hold, worded so that a show's figures can contradict it. */
  promise: string;
  /** What the show does not answer, if anything. */
  open?: string;
}

/** In the order of the matrix. */
export function personas(): readonly Persona[] {
  return [
    {
      id: 'CEO',
      post: phrase('Chief executive'),
      worry: phrase('Will it hold on the day of the big sale, or will it be the story of that day?'),
      answer: phrase(
        'On the safe lane the stock ends at what exists, whoever taps and however fast. When connections are cut, clients come back by themselves and are told what they missed.',
      ),
      evidence: ['safeStock', 'recovery'],
      promise: phrase(
        'Nothing is sold that does not exist, and whoever was cut off comes back and has missed nothing.',
      ),
      open: phrase('One machine has shown this; a provider’s outage has not been tried.'),
    },
    {
      id: 'CFO',
      post: phrase('Finance'),
      worry: phrase('What does a bad night cost us, and who stops it?'),
      answer: phrase(
        'A charge that would pass the limit is refused before it touches any stock. It is a lock, not a message about money that is gone. Every answer carries the account.',
      ),
      evidence: ['realSpend', 'cost'],
      promise: phrase('Real spend stays within its limit, which is zero unless the operator says otherwise.'),
      open: phrase('The lock guards the account that the show keeps. A provider bills by its own meters.'),
    },
    {
      id: 'COO',
      post: phrase('Operations'),
      worry: phrase('What happens when everybody buys in the same second?'),
      answer: phrase(
        'All taps on one product queue at one object, which decides them one after another. Nothing comes between looking at the stock and taking from it.',
      ),
      evidence: ['load', 'safeStock'],
      promise: phrase('Every tap is decided once, and the safe lane stays inside its stock in every run.'),
      open: phrase(
        'One object has one thread. How much it takes is measured in the project’s notes on performance.',
      ),
    },
    {
      id: 'CIO',
      post: phrase('Information technology'),
      worry: phrase('Do we have to rewrite the shop?'),
      answer: phrase(
        'The page does not know which lane decides: a tap is the same message on either. What moves is the one step that takes from the stock. The same screens also run without any server, as a rehearsal that says SIMULATED.',
      ),
      evidence: ['sideBySide'],
      promise: phrase('The same page and the same tap work on each lane.'),
      open: phrase('Your checkout, your payment and your warehouse are not part of this show.'),
    },
    {
      id: 'CMO',
      post: phrase('Marketing'),
      worry: phrase('Does the page stutter when the campaign lands?'),
      answer: phrase(
        'A tap is answered on its own; pictures follow in a few frames a second, however many people tap. The figure is what the phones in the room felt.',
      ),
      evidence: ['safeLatency', 'eventualLatency'],
      promise: phrase(
        'On the safe lane nineteen of twenty answers are back within a tenth of a second, as the phones felt it.',
      ),
      open: phrase('It holds for this room and its network, and for no other place.'),
    },
    {
      id: 'CRO',
      post: phrase('Revenue'),
      worry: phrase('How much do we lose to orders that we cannot deliver?'),
      answer: phrase(
        'The eventual lane sells on after the stock is gone, and the price of what it owes stands beside it. The safe lane says no in time.',
      ),
      evidence: ['eventualOversell', 'exposure', 'lostUpdates'],
      promise: phrase('The eventual lane oversells, the safe lane does not, and the difference has a price.'),
    },
    {
      id: 'CCO',
      post: phrase('Compliance'),
      worry: phrase('What do you keep about our customers?'),
      answer: phrase(
        'A session’s id, a keyed hash of the address, its role, its show, how it came in, and two times. No name, no card; the names on screen are made up. It is forgotten when the session runs out.',
      ),
      evidence: ['kept'],
      promise: phrase('What is stored of a session is a handful of fields, and no more.'),
      open: phrase('Made-up names and taps stay in the show’s log and rows for longer than a session.'),
    },
    {
      id: 'CSO',
      post: phrase('Security'),
      worry: phrase('Can bots buy up the stock?'),
      answer: phrase(
        'A check at the door where it is switched on; an exact ration of taps for each participant, kept where the stock is; one reset a minute from one address. What was turned away is counted by reason.',
      ),
      evidence: ['refusals'],
      promise: phrase('Whoever asks for too much is refused, and counted.'),
      open: phrase('Without the check at the door, a script that knows the code can take every place.'),
    },
  ];
}
