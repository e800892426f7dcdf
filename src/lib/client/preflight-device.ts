/** The pre-flight check's judgement of this device and its way to the room. */
import type { Judged, PreflightFindings } from './preflight-findings.ts';
import { tenth, WAITING, whole } from './preflight-findings.ts';
import { percentile } from './preflight-socket.ts';

/** Latency from here on is felt, and from there on it spoils the show, milliseconds. */
const LATENCY_FELT_MS = 250;
const LATENCY_BAD_MS = 1_000;

/** Difference of clocks that a person notices, milliseconds. Screens correct it; the device's own times do not. */
const CLOCK_OFF_MS = 2_000;

/** The socket to the room. */
export function socketOf({ socket, room }: PreflightFindings): Judged {
  if (!socket) return WAITING;
  if (!socket.ok) {
    const fix = 'Some venues block WebSockets: try mobile data, or another network.';
    return { verdict: 'bad', found: socket.reason, fix };
  }
  const found = `greeted in ${whole(socket.greetedMs)}, now ${room.words}`;
  if (room.isConnected) return { verdict: 'good', found };
  return {
    verdict: 'look',
    found,
    fix: 'It comes back by itself; if it does so often, use another network.',
  };
}

/** What pings took. */
export function latencyOf({ socket }: PreflightFindings): Judged {
  if (!socket) return WAITING;
  const p50 = socket.ok ? percentile(socket.rtts, 0.5) : null;
  const p95 = socket.ok ? percentile(socket.rtts, 0.95) : null;
  if (!socket.ok || p50 === null || p95 === null) {
    return {
      verdict: 'bad',
      found: 'not measured: there was no connection',
      fix: 'Mend the connection first.',
    };
  }
  const found = `p50 ${tenth(p50)}, p95 ${tenth(p95)} of ${socket.rtts.length} pings`;
  if (p95 <= LATENCY_FELT_MS) return { verdict: 'good', found };
  const fix = 'The network is slow from here: prefer a cable, or a Wi-Fi of your own.';
  return { verdict: p95 <= LATENCY_BAD_MS ? 'look' : 'bad', found, fix };
}

/** This device’s clock against the room’s. */
export function clockOf({ socket }: PreflightFindings): Judged {
  if (!socket) return WAITING;
  if (!socket.ok) {
    return {
      verdict: 'bad',
      found: 'not compared: there was no connection',
      fix: 'Mend the connection first.',
    };
  }
  const { offsetMs, uncertainMs } = socket.clock;
  const off = `${(Math.abs(offsetMs) / 1_000).toFixed(1)} s`;
  const found = `${off} ${offsetMs < 0 ? 'ahead of' : 'behind'} the room, give or take ${whole(uncertainMs)}`;
  if (Math.abs(offsetMs) - uncertainMs <= CLOCK_OFF_MS) return { verdict: 'good', found };
  return {
    verdict: 'look',
    found,
    fix: 'Countdowns are corrected for it. Let this device set its time by itself.',
  };
}

/** The wake lock. */
export function awakeOf({ wakeLock }: PreflightFindings): Judged {
  if (!wakeLock) return WAITING;
  if (wakeLock === 'held') return { verdict: 'good', found: 'the browser can keep the screen on' };
  const fix = 'Set this computer not to sleep, and its screen not to turn off, for the time of the show.';
  const found =
    wakeLock === 'missing' ? 'this browser cannot keep the screen on here' : 'the system refused it just now';
  return {
    verdict: 'look',
    found: wakeLock === 'missing' ? `${found} (on plain http none can)` : found,
    fix,
  };
}

/** Full screen. */
export function fullOf({ fullScreen }: PreflightFindings): Judged {
  if (fullScreen) return { verdict: 'good', found: 'the stage can fill the screen: F there' };
  return {
    verdict: 'look',
    found: 'this browser does not allow it',
    fix: 'Use the system’s own full screen.',
  };
}
