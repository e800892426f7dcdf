/** A ticket's story in words. What the room did not send to this phone is called unknown. */
import { bothRead } from '#lib/domain/race-duel.ts';
import type { TicketStory } from '#lib/domain/race-duel.ts';
import { phrase } from '#lib/language/phrase.ts';
import { count } from '../format.ts';

/** What happened, in a few words. */
export function ticketHeading({ fate, units, holders }: TicketStory): string {
  const one = units === 1;
  if (fate === 'lost')
    return one ? phrase('Your unit was overwritten') : phrase('Your units were overwritten');
  if (fate === 'restored') return one ? phrase('Your unit came back') : phrase('Your units came back');
  const times = count(holders);
  return one ? phrase(`Your unit was sold ${times} times`) : phrase(`Your units were sold ${times} times`);
}

/** How it happened, sentence by sentence. */
export function ticketSentences(story: TicketStory): string[] {
  const { fate, holders } = story;
  const happened =
    fate === 'confirmed' ? [] : fate === 'lost' ? erased(story) : [...erased(story), back(story)];
  const sold = holders > 1 ? [soldWords(story)] : [];
  return [...happened, ...sold];
}

function erased(story: TicketStory): string[] {
  const { duel, by, label } = story;
  const name = by === null ? phrase('a later write') : by === label ? phrase('your own next tap') : by;
  if (!duel) {
    return [
      phrase(
        `It was overwritten by ${name}. What both read and wrote is not on this phone; the show’s log has it.`,
      ),
    ];
  }
  const both = bothRead(duel);
  const [read, wrote] = [count(duel.erased.readAllocated), count(duel.erased.wroteAllocated)];
  const [otherRead, after] = [count(duel.by.readAllocated), count(duel.by.wroteAllocated)];
  const told =
    both === null
      ? phrase(
          `You read ${read} and wrote ${wrote}. Without having seen that, ${name} read ${otherRead} and wrote ${after} over it.`,
        )
      : phrase(`You and ${name} both read ${read}. You wrote ${wrote}, then ${name} wrote ${after} over it.`);
  return [told, counterWords(story.fate === 'lost', story.units === 1, count(duel.storedBefore), after)];
}

function counterWords(isGone: boolean, isOne: boolean, before: string, after: string): string {
  const moved =
    before === after
      ? phrase(`The counter stayed at ${after}`)
      : phrase(`The counter went from ${before} to ${after}`);
  if (!isGone) return `${moved}.`;
  return `${moved}: ${isOne ? phrase('yours is not in it any more.') : phrase('yours are not in it any more.')}`;
}

function back({ backBy, label }: TicketStory): string {
  if (backBy === null) return phrase('A later write was built on yours, so it counts again.');
  if (backBy === label) return phrase('Another write of yours was built on yours, so it counts again.');
  return phrase(`A later write of ${backBy} was built on yours, so it counts again.`);
}

function soldWords({ holders, units, duel }: TicketStory): string {
  const times = count(holders);
  const first = duel && duel.erased.readAllocated + 1;
  if (first === null) {
    return units === 1
      ? phrase(`${times} orders were promised the same unit: sold ${times} times.`)
      : phrase(`${times} orders were promised some of the same units: sold ${times} times.`);
  }
  const [from, to] = [count(first), count(first + units - 1)];
  return units === 1
    ? phrase(`${times} orders were promised unit ${from}: sold ${times} times.`)
    : phrase(`${times} orders were promised units out of ${from} to ${to}: sold ${times} times.`);
}
