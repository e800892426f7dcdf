/** The whole server without the pages' build: what the server tests run. */
import { createWorker } from '#server/app.ts';

export { EngineLane } from '#server/engines/engine-lane.ts';
export { Limiter } from '#server/limiter.ts';
export { Room } from '#server/room/room.ts';
export { Shopper } from '#server/lanes/shopper.ts';

export default createWorker({
  fetch: () => Promise.resolve(new Response('The pages are not built in server tests.', { status: 404 })),
});
