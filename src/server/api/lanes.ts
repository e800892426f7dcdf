/** `GET /api/demo/lanes`: what this site can open, and how to connect what it cannot. */
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LanesResult } from '#lib/protocol/http.ts';
import { siteLane } from '../engines/site-lanes.ts';
import { BINDINGS } from '../lanes/every-lane.ts';
import type { RequestContext } from '../request-context.ts';
import { answer } from './envelope.ts';

/** Answers from the configuration alone: nothing is asked of an engine. */
export function getLanes(context: RequestContext): Response {
  const lanes = LANE_IDS.filter((lane) => lane in BINDINGS);
  return answer<LanesResult>(context, { lanes: lanes.map((lane) => siteLane(context.config.engines, lane)) });
}
