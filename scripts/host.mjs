/** The project's server, as `npm start`, the tests and the bench run it. */
import { serveAsTold } from './host/process.mjs';

await serveAsTold();
