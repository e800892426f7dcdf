/**
 * `npm run crowd`: a simulated audience over real sockets, in an open show. Its phones join like everybody, tap at their own
 * pace and come back when they are cut off; the exit code says whether the room kept its promises (docs/crowd.md).
 */
import { setTimeout as pause } from 'node:timers/promises';
import { randomFrom } from '#lib/rehearsal/random.ts';
import { AnswerBook } from './crowd/answers.ts';
import { answersOf, hammer } from './crowd/hammering.ts';
import { librarySocket } from './crowd/library-socket.ts';
import { parseCrowdOptions } from './crowd/options.ts';
import { Phone } from './crowd/phone.ts';
import { forEach, Refused, Site } from './crowd/site.ts';
import { FINAL_CLOSES, isOver, Tally } from './crowd/tally.ts';
import { live } from './lib/lifetime.mjs';
import { Stop } from './lib/stop.mjs';

const CONNECTS_AT_ONCE = 32;
/** Longest wait for the last answers, milliseconds. */
const LAST_ANSWERS_MS = 10_000;
const LINE_EVERY_MS = 1_000;
/** Bounds of the random pause before a phone that was cut off tries again, milliseconds. */
const RETRY_SOONEST_MS = 250;
const RETRY_LATEST_MS = 2_000;
const BROKEN = 1;
const COULD_NOT_RUN = 2;

await live(main);

async function main() {
  const options = parseCrowdOptions(process.argv.slice(2));
  const phones = await phonesOf(options);
  const tally = new Tally(phones);
  await connect(phones, tally, randomFrom(options.seed));
  console.log(
    `${phones.length} phones are in show ${options.show.toUpperCase()}; they tap for ${options.seconds} s.\n`,
  );
  console.log(Tally.titles);
  const startMs = performance.now();
  let lineMs = startMs;
  const taps = await hammer(phones, options, () => {
    const nowMs = performance.now();
    if (nowMs - lineMs < LINE_EVERY_MS) return;
    lineMs += LINE_EVERY_MS;
    console.log(tally.line((nowMs - startMs) / 1_000));
  });
  await answersOf(
    phones.filter((phone) => !isOver(phone)),
    LAST_ANSWERS_MS,
  );
  console.log(`\n${taps} taps\n${tally.report()}`);
  const broken = tally.broken();
  for (const phone of phones) {
    phone.reportRest();
    phone.close();
  }
  if (taps === 0) throw new Stop('Nobody could tap: no phone stayed connected.', COULD_NOT_RUN);
  console.log(
    broken.length > 0
      ? `\n✗ BROKEN: ${broken.join('; ')}.`
      : '\n✓ No gap, no tap answered twice, none left without an answer.',
  );
  return broken.length > 0 ? BROKEN : 0;
}

/**
 * @param {import('./crowd/options.ts').CrowdOptions} options
 * @returns phones that have joined, and are not connected yet
 */
async function phonesOf({ url, show, sku, phones: people }) {
  const site = new Site(url);
  const sessions = await site.joinAll(show, people).catch((error) => {
    if (error instanceof Refused) throw new Stop(error.message, COULD_NOT_RUN);
    throw new Stop(`${url} cannot be reached: is the show running there?`, COULD_NOT_RUN);
  });
  return sessions.map(({ show: code, skuIds, token }) => {
    const room = `${site.url}/parties/room/${code}.${sku ?? skuIds[0] ?? ''}`;
    return new Phone({ url: room, token, answers: new AnswerBook(), connect: librarySocket });
  });
}

/**
 * Connects everybody; who is cut off later comes back.
 * @param {Phone[]} phones
 * @param {Tally} tally
 * @param {() => number} random
 */
async function connect(phones, tally, random) {
  for (const phone of phones) {
    phone.onAnswer = (answer) => tally.take(answer);
    phone.onClose = (code) => void comeBack(phone, code, random, tally);
  }
  await forEach(phones, CONNECTS_AT_ONCE, (phone) => phone.connect()).catch((error) => {
    throw new Stop(`A phone could not connect: ${error.message}`, COULD_NOT_RUN);
  });
}

/**
 * Tries until the phone is connected again, then sends its unanswered ops again under the same ids.
 * @param {Phone} phone
 * @param {number} code
 * @param {() => number} random
 * @param {Tally} tally
 */
async function comeBack(phone, code, random, tally) {
  if (FINAL_CLOSES.has(code)) return;
  await pause(RETRY_SOONEST_MS + random() * (RETRY_LATEST_MS - RETRY_SOONEST_MS));
  try {
    await phone.connect();
    tally.reconnects += 1;
    phone.askAgain();
  } catch {
    // The close event of this attempt calls this function again.
  }
}
