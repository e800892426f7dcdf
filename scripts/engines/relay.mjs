/**
 * Puts distance on the wire: a TCP relay on loopback that holds each chunk half of the round trip, each way. What a client asks one
 * after the other costs it a round trip each, as over a real line; a pause in one place would let a lock off with a single one.
 * Connecting costs a round trip, too: the client's first chunk is held so much longer.
 */
import { createServer, connect } from 'node:net';
import { LOOPBACK } from './engine.mjs';

/** Bytes that may be under way in one direction; a sender that is faster waits. */
const MOST_HELD = 1 << 20;

/**
 * @param {number} port of the engine, on loopback
 * @param {number} roundTripMs
 * @returns {Promise<number>} the port of the relay
 */
export async function startRelay(port, roundTripMs) {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const engine = connect({ host: LOOPBACK, port, allowHalfOpen: true, noDelay: true });
    carry(client, engine, roundTripMs / 2, roundTripMs);
    carry(engine, client, roundTripMs / 2, 0);
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: LOOPBACK, port: 0 }, () => resolve(undefined));
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('A relay that listens has a port.');
  return address.port;
}

/**
 * Carries one direction: chunks, its end, and its failure, in their order and each `holdMs` later.
 * @param {import('node:net').Socket} from
 * @param {import('node:net').Socket} to
 * @param {number} holdMs
 * @param {number} connectMs held once more, before everything
 */
function carry(from, to, holdMs, connectMs) {
  const opensAt = performance.now() + connectMs;
  let held = 0;
  /** What is under way, in its order. One timer at a time: timers of different lengths that end together have no order. */
  const queue = /** @type {{ at: number, act: () => void }[]} */ ([]);
  const arrive = () => {
    for (let next = queue[0]; next && next.at <= performance.now(); next = queue[0]) {
      queue.shift();
      next.act();
    }
    if (queue[0]) setTimeout(arrive, Math.ceil(queue[0].at - performance.now()));
  };
  const later = (/** @type {() => void} */ act) => {
    queue.push({ at: Math.max(performance.now(), opensAt) + holdMs, act });
    if (queue.length === 1) arrive();
  };
  from.on('data', (chunk) => {
    held += chunk.length;
    if (held > MOST_HELD) from.pause();
    later(() => {
      to.write(chunk, () => {
        held -= chunk.length;
        if (held <= MOST_HELD) from.resume();
      });
    });
  });
  from.on('end', () => later(() => to.end()));
  from.on('error', () => undefined);
  from.on('close', (hadError) => hadError && later(() => to.destroy()));
}
