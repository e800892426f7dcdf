/** The Worker's entry, and the only place that knows the pages' build. */
// @ts-expect-error -- written by the pages' build, without types: it is a Worker like any other
import builtPages from '../../.svelte-kit/cloudflare/_worker.js';
import { createWorker } from './app.ts';

export { Limiter } from './limiter.ts';
export { Room } from './room/room.ts';
export { Shopper } from './lanes/shopper.ts';

export default createWorker(builtPages);
