/** The turns of a show in words: what changed, and by whom. */
import type { Turn } from '#lib/client/history.ts';
import { unreachable } from '#lib/domain/assert.ts';
import type { EventOf } from '#lib/domain/events.ts';
import { count, usd } from '#lib/components/format.ts';
import { guessTurnWords } from '#lib/components/guess/guess-words.ts';
import { phrase } from '#lib/language/phrase.ts';

/** One turn in a short sentence. */
export function turnWords(event: Turn): string {
  switch (event.kind) {
    case 'opened':
      // The name's own direction ends with it (UAX 9, first strong isolate).
      return phrase(`Room opened: ${count(event.body.sku.capacity)} × \u2068${event.body.sku.name}\u2069`);
    case 'mode':
      return phrase(`Mode is ${event.body.mode} (${event.body.by})`);
    case 'step':
      return phrase(`Step ${event.body.step} (${event.body.by})`);
    case 'held':
      return phrase(`Held: nothing new is sold (${event.body.by})`);
    case 'go':
      return phrase(`GO (${event.body.by})`);
    case 'distance':
      return phrase(`${event.body.lane} lane: EMULATED +${event.body.ms} ms (${event.body.by})`);
    case 'guardrail':
      return guardrailWords(event.body);
    case 'locked':
      return phrase(`Real-spend lock engaged at ${usd(event.body.limitUsd)}`);
    case 'reset':
      return phrase(`Reset to epoch ${event.body.toEpoch} (${event.body.by})`);
    case 'drill':
      return drillWords(event.body);
    case 'guess':
      return guessTurnWords(event.body);
    case 'incident':
      return event.body.state === 'red'
        ? phrase(`Audit: “${event.body.check}” does not hold: ${event.body.found}`)
        : phrase(`Audit: “${event.body.check}” holds again`);
    case 'closed':
      return event.body.by === 'expiry'
        ? phrase('Show ended: its time ran out')
        : phrase('Show ended by the presenter');
    default:
      return unreachable(event);
  }
}

function drillWords({ kind, by, sockets }: EventOf<'drill'>['body']): string {
  return kind === 'drop'
    ? phrase(`Drill: ${count(sockets)} connections cut (${by})`)
    : phrase(`The room slept and was woken, with ${count(sockets)} connections (${by})`);
}

function guardrailWords({ state, by, virtualUsd }: EventOf<'guardrail'>['body']): string {
  if (state === 'cleared') return phrase('Guardrail cleared');
  return by === 'presenter'
    ? phrase(`Guardrail tripped by hand at ${usd(virtualUsd)} virtual`)
    : phrase(`Guardrail tripped by its threshold at ${usd(virtualUsd)} virtual`);
}
