/** Cards that explain one mechanism each, with a picture. No text states a figure. */
import { phrase } from '#lib/language/phrase.ts';

/** The pictures, each drawn by a component of its own. */
export const PICTURES = ['race', 'door', 'commit', 'chain', 'sleep'] as const;
/** One of {@link PICTURES}. */
export type Picture = (typeof PICTURES)[number];

/** One card. */
export interface TeachingCard {
  picture: Picture;
  title: string;
  /** What the picture shows, and why it matters. */
  text: string;
  /** Where a screen of the show shows it. */
  seen: string;
}

/** The cards; each builds on the one before. */
export function teachingCards(): readonly TeachingCard[] {
  return [
    {
      picture: 'race',
      title: phrase('Two shoppers, one number'),
      text: phrase(
        'Both look at the stock before either has written. Both are right when they look; the second to write erases the first. Checking did not help, because what was checked had changed by the time of writing.',
      ),
      seen: phrase(
        'The newest lost update on the stage names both shoppers, what they read and what they wrote.',
      ),
    },
    {
      picture: 'door',
      title: phrase('One door, one at a time'),
      text: phrase(
        'The object that owns the stock lets in one tap after another. Looking and taking are one step, so the next in line sees what the last one left. Another product has another door, and another queue.',
      ),
      seen: phrase(
        'The safe lane’s line stops where the stock ends, and its stored count is the count of its buyers.',
      ),
    },
    {
      picture: 'commit',
      title: phrase('A bus, not a taxi'),
      text: phrase(
        'Whatever arrives while one write becomes durable goes along with the next one. A lone tap waits for nobody; a crowd shares the way to the disk. Everybody is answered after the write, never before it.',
      ),
      seen: phrase(
        'Under load the answers stay close together, and the meters show fewer rows written than taps.',
      ),
    },
    {
      picture: 'chain',
      title: phrase('Each line holds the one before'),
      text: phrase(
        'An event’s fingerprint is taken over the event and the fingerprint before it. Change one line, and every later fingerprint is wrong. A phone that keeps a receipt holds a fingerprint that nobody can take back.',
      ),
      seen: phrase(
        'The verifier recomputes the chain on your device, and names the first line that does not fit.',
      ),
    },
    {
      picture: 'sleep',
      title: phrase('Asleep with the door open'),
      text: phrase(
        'When nothing happens the object leaves memory and the connections stay. The next tap wakes it; it reads what it had stored and goes on. What it knew only by heart, it must not have needed.',
      ),
      seen: phrase('The drill lets the room fall asleep, and shows what the first answer after it took.'),
    },
  ];
}
