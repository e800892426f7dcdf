/**
 * The project's own host and bundle with constants in place of hashes. The difference to the project is what hashing the
 * log costs; everything else, the canonical JSON of each event included, stays.
 */
import { serveAsTold } from '../../scripts/host/process.mjs';

/** Start of the room's hash function in the bundle; the bundler writes each module's path before it. */
const HASH = /^\/\/ src\/server\/room\/sha256\.ts$[^]*?^function \w+\(\w+\) \{$/m;

await serveAsTold((code) => {
  if (!HASH.test(code)) throw new Error('The bundle has no hash that could be left out.');
  return code.replace(HASH, (beginning) => `${beginning}\n  return "0".repeat(64);`);
});
