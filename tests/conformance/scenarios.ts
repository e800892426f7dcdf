/**
 * What a room promises, whatever hosts it: one list of scenarios, which the tests of each host run. A host that differs says so
 * in its {@link Host}, and the scenario that meets the difference names it.
 */
import { describe } from 'vitest';
import { admissionScenarios } from './admission.ts';
import { callScenarios } from './calls.ts';
import { doorScenarios } from './door.ts';
import { endScenarios } from './end.ts';
import { guessScenarios } from './guesses.ts';
import type { Host } from './host.ts';
import { laneScenarios } from './lanes.ts';
import { latencyScenarios } from './latency.ts';
import { moneyScenarios } from './money.ts';
import { presenterScenarios } from './presenter.ts';
import { resetScenarios } from './reset.ts';
import { streamScenarios } from './stream.ts';

/** Holds a host to every scenario. */
export function conformance(host: Host): void {
  describe(`a room in ${host.name}`, () => {
    for (const scenarios of [
      streamScenarios,
      laneScenarios,
      admissionScenarios,
      presenterScenarios,
      guessScenarios,
      resetScenarios,
      latencyScenarios,
      moneyScenarios,
      callScenarios,
      doorScenarios,
      endScenarios,
    ])
      scenarios(host);
  });
}
