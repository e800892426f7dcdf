/** The pre-flight check's judgement of this device and its way to the room. */
import { percentile } from '#lib/domain/percentile.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { Judged, PreflightFindings } from './preflight-findings.ts';
import { bad, good, look, tenth, tenthOf, waiting, whole } from './preflight-findings.ts';

/** Latency from here on is felt, and from there on it spoils the show, milliseconds. */
const LATENCY_FELT_MS = 250;
const LATENCY_BAD_MS = 1_000;

/** Difference of clocks that a person notices, milliseconds. Screens correct it; the device's own times do not. */
const CLOCK_OFF_MS = 2_000;

/** The socket to the room. */
export function socketOf({ socket, room }: PreflightFindings): Judged {
  if (!socket) return waiting();
  if (!socket.ok) {
    const fix = phrase('Some venues block WebSockets: try mobile data, or another network.');
    return bad(socket.reason, fix);
  }
  const found = phrase(`greeted in ${whole(socket.greetedMs)}, now ${room.words}`);
  if (room.isConnected) return good(found);
  return look(found, phrase('It comes back by itself; if it does so often, use another network.'));
}

/** What pings took. */
export function latencyOf({ socket }: PreflightFindings): Judged {
  if (!socket) return waiting();
  if (!socket.ok || socket.rtts.length === 0) {
    return bad(phrase('not measured: there was no connection'), phrase('Fix the connection first.'));
  }
  const [p50, p95] = [percentile(socket.rtts, 0.5), percentile(socket.rtts, 0.95)];
  const found = phrase(`p50 ${tenth(p50)}, p95 ${tenth(p95)} of ${socket.rtts.length} pings`);
  if (p95 <= LATENCY_FELT_MS) return good(found);
  const fix = phrase('The network is slow from here: prefer a cable, or a Wi-Fi of your own.');
  return p95 <= LATENCY_BAD_MS ? look(found, fix) : bad(found, fix);
}

/** This device’s clock against the room’s. */
export function clockOf({ socket }: PreflightFindings): Judged {
  if (!socket) return waiting();
  if (!socket.ok) {
    return bad(phrase('not compared: there was no connection'), phrase('Fix the connection first.'));
  }
  const { offsetMs, uncertainMs } = socket.clock;
  const off = `${tenthOf(Math.abs(offsetMs) / 1_000)} s`;
  const found =
    offsetMs < 0
      ? phrase(`${off} ahead of the room, give or take ${whole(uncertainMs)}`)
      : phrase(`${off} behind the room, give or take ${whole(uncertainMs)}`);
  if (Math.abs(offsetMs) - uncertainMs <= CLOCK_OFF_MS) return good(found);
  return look(found, phrase('Countdowns are corrected for it. Let this device set its time by itself.'));
}

/** The wake lock. */
export function awakeOf({ wakeLock }: PreflightFindings): Judged {
  if (!wakeLock) return waiting();
  if (wakeLock === 'held') return good(phrase('the browser can keep the screen on'));
  const fix = phrase(
    'Set this computer not to sleep, and its screen not to turn off, for the time of the show.',
  );
  return wakeLock === 'missing'
    ? look(phrase('this browser cannot keep the screen on here (on plain http none can)'), fix)
    : look(phrase('the system refused it just now'), fix);
}

/** Full screen. */
export function fullOf({ fullScreen }: PreflightFindings): Judged {
  if (fullScreen) return good(phrase('the stage can fill the screen: F there'));
  return look(phrase('this browser does not allow it'), phrase('Use the system’s own full screen.'));
}
