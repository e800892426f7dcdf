/** `npm run build`: the pages, built again when their sources have changed. */
import { buildPages, pagesBuilt } from './lib/build.mjs';
import { live } from './lib/lifetime.mjs';
import { step } from './lib/step.mjs';

await live(async () => {
  if (pagesBuilt()) console.log('The pages are built from the sources as they are.');
  else await step('Building the pages', buildPages);
  return 0;
});
