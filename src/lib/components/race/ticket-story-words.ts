/** A ticket's story in words. What the room did not tell this phone is said to be unknown, not guessed. */
import { bothRead } from '#lib/domain/race-duel.ts';
import type { TicketStory } from '#lib/domain/race-duel.ts';
import { count } from '../format.ts';

/** What happened, in a few words. */
export function ticketHeading({ fate, units, holders }: TicketStory): string {
  const yours = units === 1 ? 'Your unit' : 'Your units';
  if (fate === 'lost') return `${yours} ${units === 1 ? 'was' : 'were'} overwritten`;
  if (fate === 'restored') return `${yours} came back`;
  return `${yours} ${units === 1 ? 'was' : 'were'} sold ${count(holders)} times`;
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
  const name = by === null ? 'a later write' : by === label ? 'your own next tap' : by;
  if (!duel) {
    return [
      `It was overwritten by ${name}. What both read and wrote is not on this phone; the show’s log has it.`,
    ];
  }
  const read = bothRead(duel);
  const { readAllocated, wroteAllocated } = duel.erased;
  const told =
    read === null
      ? `You read ${count(readAllocated)} and wrote ${count(wroteAllocated)}; ${name} had read another version, ${count(duel.by.readAllocated)}, and wrote ${count(duel.by.wroteAllocated)} later.`
      : `You and ${name} both read ${count(read)}. You wrote ${count(wroteAllocated)}, then ${name} wrote ${count(duel.by.wroteAllocated)} over it.`;
  const [before, after] = [count(duel.storedBefore), count(duel.by.wroteAllocated)];
  const counter =
    before === after ? `The counter stayed at ${after}` : `The counter went from ${before} to ${after}`;
  const gone =
    story.fate === 'lost' ? `: yours ${story.units === 1 ? 'is' : 'are'} not in it any more.` : '.';
  return [told, counter + gone];
}

function back({ backBy, label }: TicketStory): string {
  if (backBy === null) return 'A later write was built on yours, so it counts again.';
  const whose = backBy === label ? 'Another write of yours' : `A later write of ${backBy}`;
  return `${whose} was built on yours, so it counts again.`;
}

function soldWords({ holders, units, duel }: TicketStory): string {
  const first = duel && duel.erased.readAllocated + 1;
  const which =
    first === null
      ? units === 1
        ? 'the same unit'
        : 'some of the same units'
      : units === 1
        ? `unit ${count(first)}`
        : `units out of ${count(first)} to ${count(first + units - 1)}`;
  return `${count(holders)} orders were promised ${which}: sold ${count(holders)} times.`;
}
