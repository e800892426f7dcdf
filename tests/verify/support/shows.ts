/** Shows that the tests of the verifier tamper with. */
import { hasKinds, showWith } from '../../domain/support/tamper.ts';

/** Both lanes, every kind of event that the lanes and the money tell, one crossing by the threshold, a reset. */
export const SHOW = showWith(
  { steps: 700, mode: 'both', resetEvery: 350, sku: { capacity: 20 } },
  (show) =>
    hasKinds(show, ['lost', 'restored', 'oversold', 'cost', 'guardrail', 'reset', 'refused', 'closed']) &&
    show.events.some(({ kind, body }) => kind === 'guardrail' && body.by === 'threshold') &&
    show.events.some(({ kind, body }) => kind === 'cost' && body.exposureUsd > 0),
);
