/** The log is one chain: dense, opened once, each hash over the one before, epochs moved by resets alone. */
import { chainedHash, FIRST_PREVIOUS } from '../canonical.ts';
import type { Log, Violation } from '../evidence.ts';

export function checkChain({ events, end }: Log): Violation[] {
  const found: Violation[] = [];
  const broken = (sentence: string) => found.push({ rule: 'chain', sentence });
  let previous = FIRST_PREVIOUS;
  let epoch = 1;
  for (const [index, event] of events.entries()) {
    if (event.seq !== index + 1) broken(`event ${event.seq} stands in place ${index + 1}`);
    if (event.hash !== chainedHash(previous, event)) broken(`the hash of event ${event.seq} is not its own`);
    if ((event.kind === 'opened') !== (index === 0)) broken(`event ${event.seq} is ${event.kind}`);
    if (event.kind === 'reset') epoch += 1;
    if (event.epoch !== epoch) broken(`event ${event.seq} is of epoch ${event.epoch}, in epoch ${epoch}`);
    previous = event.hash;
  }
  if (end.head !== previous) broken('the last line names another head');
  if (end.seq !== events.length) broken(`the last line says ${end.seq}, of ${events.length} events`);
  return found;
}
