/** Keeps a tunnel as the server does, in a process of its own, and prints each change. */
import { keepTunnel } from '../../../scripts/host/tunnel.mjs';

const [program = '', tellsWithinMs = ''] = process.argv.slice(2);
keepTunnel({
  program,
  url: 'http://127.0.0.1:9',
  tellsWithinMs: Number(tellsWithinMs),
  firstPauseMs: 50,
  onNews: (news) => console.log(JSON.stringify(news)),
});
