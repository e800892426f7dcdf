/** The turns of a show in words: what changed, and by whom. */
import type { Turn } from '#lib/client/history.ts';
import { unreachable } from '#lib/domain/assert.ts';
import type { EventOf } from '#lib/domain/events.ts';
import { count, usd } from '#lib/components/format.ts';
import { guessTurnWords } from '#lib/components/guess/guess-words.ts';

/** One turn in a short sentence. */
export function turnWords(event: Turn): string {
  switch (event.kind) {
    case 'opened':
      // The name's own direction ends with it (UAX 9, first strong isolate).
      return `Room opened: ${count(event.body.sku.capacity)} × \u2068${event.body.sku.name}\u2069`;
    case 'mode':
      return `Mode is ${event.body.mode} (${event.body.by})`;
    case 'step':
      return `Step ${event.body.step} (${event.body.by})`;
    case 'held':
      return `Held: nothing new is sold (${event.body.by})`;
    case 'go':
      return `GO (${event.body.by})`;
    case 'guardrail':
      return guardrailWords(event.body);
    case 'locked':
      return `Real-spend lock engaged at ${usd(event.body.limitUsd)}`;
    case 'reset':
      return `Reset to epoch ${event.body.toEpoch} (${event.body.by})`;
    case 'drill':
      return drillWords(event.body);
    case 'guess':
      return guessTurnWords(event.body);
    case 'incident':
      return event.body.state === 'red'
        ? `Audit: “${event.body.check}” does not hold: ${event.body.found}`
        : `Audit: “${event.body.check}” holds again`;
    case 'closed':
      return event.body.by === 'expiry' ? 'Show ended: its time ran out' : 'Show ended by the presenter';
    default:
      return unreachable(event);
  }
}

function drillWords({ kind, by, sockets }: EventOf<'drill'>['body']): string {
  const connections = `${count(sockets)} connections`;
  return kind === 'drop'
    ? `Drill: ${connections} cut (${by})`
    : `Drill: woken from sleep with ${connections} (${by})`;
}

function guardrailWords({ state, by, virtualUsd }: EventOf<'guardrail'>['body']): string {
  if (state === 'cleared') return 'Guardrail cleared';
  const cause = by === 'presenter' ? 'by hand' : 'by its threshold';
  return `Guardrail tripped ${cause} at ${usd(virtualUsd)} virtual`;
}
