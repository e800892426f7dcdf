/** The Worker's entry, and the only place that knows the pages' build. */
// @ts-expect-error -- written by the pages' build, without types: it is a Worker like any other
import builtPages from '../../.svelte-kit/cloudflare/_worker.js';
import type { Pages } from './app.ts';
import { createWorker } from './app.ts';

export { EngineLane } from './engines/engine-lane.ts';
export { Limiter } from './limiter.ts';
export { Room } from './room/room.ts';
export { Shopper } from './lanes/shopper.ts';

// Until the pages are built there is nothing here to have a type: unknown is what both cases have in common.
const pages: unknown = builtPages;

export default createWorker(pages as Pages);
