/** Progress and result of a drill, in words for the presenter. */
import type { DrillPicture } from '#lib/client/drills.ts';
import type { Interruption, SleepPhase, Waking } from '#lib/client/sleep-drill.ts';
import { unreachable } from '#lib/domain/assert.ts';
import { count, millis } from '#lib/components/format.ts';
import { connectionsWords, partsWords } from '#lib/components/recovery-words.ts';
import { PROMISED_MS } from '#lib/domain/recovery.ts';
import { phrase } from '#lib/language/phrase.ts';

/** A verdict on a drill, with its figures. */
export interface DrillWords {
  tone: 'good' | 'bad' | 'plain';
  title: string;
  text: string;
}

/** State of the cut: who is back, how long it took, which events are missing. */
export function dropProgress({ sockets, back, clients, ms, parts, missing }: DrillPicture): DrillWords {
  const title = phrase(`${count(back)} of ${count(sockets)} back`);
  if (!ms || !parts) return { tone: 'plain', title: `${title}.`, text: phrase('Clients are on their way.') };
  const isGood = back === sockets && missing === 0 && ms.max <= PROMISED_MS;
  const isBad = missing > 0 || ms.max > PROMISED_MS;
  const figures = phrase(
    `From the cut: ${millis(ms.p50)} ms median (${partsWords(parts)}), ${millis(ms.max)} ms slowest of ${count(clients.length)} measured`,
  );
  return {
    tone: isBad ? 'bad' : isGood ? 'good' : 'plain',
    title: `${isBad ? '✗ ' : isGood ? '✓ ' : ''}${title},`,
    text: phrase(`${count(missing)} missing. ${figures}.`),
  };
}

/** State of the sleep drill; null before the first one. */
export function sleepOutcome(phase: SleepPhase): DrillWords | null {
  switch (phase.kind) {
    case 'idle':
      return null;
    case 'asking':
      return plain(phrase('Asking the room'), phrase('how often it has woken so far.'));
    case 'silent':
      return phase.interruption
        ? plain(interruptedWords(phase.interruption), phrase('The silence starts again: nobody tap.'))
        : plain(phrase('Silence.'), phrase('Nobody tap: the room falls asleep.'));
    case 'waking':
      return plain(phrase('Asking the sleeping room…'), '');
    case 'woke':
      return wokeWords(phase.measured);
    case 'awake':
      return awakeWords(phase);
    case 'failed':
      return failedWords(phase.why);
    default:
      return unreachable(phase);
  }
}

function wokeWords({
  ms,
  silentMs,
  lives,
  connections,
  missing,
  logWentOn,
  isSameState,
}: Waking): DrillWords {
  const kept = connections.after >= connections.before;
  const isGood = kept && missing === 0 && logWentOn && isSameState && ms <= PROMISED_MS;
  const life = phrase(`life ${lives.before}\u00a0→\u00a0${lives.after}`);
  const sockets = kept
    ? phrase(`all ${connectionsWords(connections.after)} survived`)
    : phrase(`${count(connections.after)} of ${count(connections.before)} connections survived`);
  const state = isSameState ? phrase('same state') : phrase('another state');
  const log = logWentOn
    ? phrase('the log went on at the next event')
    : phrase('the log did not go on where it was');
  return {
    tone: isGood ? 'good' : 'bad',
    title: `${isGood ? '✓' : '✗'} ${phrase(`Woke in ${millis(ms)} ms`)}`,
    text: phrase(
      `after ${millis(silentMs / 1_000)} s of silence: ${life}, ${sockets}, ${state}, ${log}, ${count(missing)} missing.`,
    ),
  };
}

function awakeWords({ ms, silentMs, lives }: Extract<SleepPhase, { kind: 'awake' }>): DrillWords {
  return plain(
    phrase('The room had not slept.'),
    phrase(
      `It answered in ${millis(ms)} ms, still in life ${lives}, after ${millis(silentMs / 1_000)} s of silence: something that no screen shows spoke to it, such as a program that reads its state, or its server kept it in memory. Try again.`,
    ),
  );
}

function plain(title: string, text: string): DrillWords {
  return { tone: 'plain', title, text };
}

function interruptedWords(by: Interruption): string {
  switch (by) {
    case 'tap':
      return phrase('Somebody tapped.');
    case 'event':
      return phrase('Something happened in the room.');
    case 'connection':
      return phrase('This page lost its connection.');
    default:
      return unreachable(by);
  }
}

function failedWords(why: Extract<SleepPhase, { kind: 'failed' }>['why']): DrillWords {
  switch (why) {
    case 'connection':
      return {
        tone: 'bad',
        title: phrase('Not connected:'),
        text: phrase('nothing was asked. Try again when this page is.'),
      };
    case 'noAnswer':
      return {
        tone: 'bad',
        title: phrase('No answer within 10 s.'),
        text: phrase('Nothing was measured. Try again.'),
      };
    case 'disturbed':
      return plain(
        phrase('Not measured.'),
        phrase('Somebody spoke to the room in the very moment in which it was asked. Try again.'),
      );
    default:
      return unreachable(why);
  }
}
