/** What the pre-flight check can find, and the words that its judgements share. */
import { phrase } from '#lib/language/phrase.ts';
import type { HealthResult } from '#lib/protocol/http.ts';
import type { PreflightResult } from '#lib/protocol/preflight.ts';
import type { ApiResult } from './api.ts';
import type { SocketFinding } from './preflight-socket.ts';

/** `look`: the show can go on, but somebody should look. `off`: not there, and not needed. `waiting`: not known yet. */
export type Verdict = 'waiting' | 'good' | 'off' | 'look' | 'bad';

/** Everything that was found so far; null where it is not known yet. Times are milliseconds. */
export interface PreflightFindings {
  health: { answer: ApiResult<HealthResult>; ms: number } | null;
  site: ApiResult<PreflightResult> | null;
  socket: SocketFinding | null;
  /** Cloudflare's script for the check for robots, asked for by this browser; `off` where the site has no such check. */
  widget: 'off' | 'loaded' | 'failed' | null;
  wakeLock: 'held' | 'refused' | 'missing' | null;
  fullScreen: boolean;
  screen: { width: number; height: number; pixelRatio: number };
  /** What the presenter said of the test picture. */
  readable: boolean | null;
  place: { host: string; hostname: string };
  room: { isConnected: boolean; words: string; phones: number | null };
  /** Of this presenter's session, and of the show: it lasts as long as its last presenter's session. */
  remainingMs: number;
  showLeftMs: number;
}

/** A finding judged; `fix` is missing where nothing is to be done. */
export interface Judged {
  verdict: Verdict;
  /** What was measured, in words. */
  found: string;
  /** What to do about it. */
  fix?: string;
}

/** What is not known yet. */
export const waiting = (): Judged => ({ verdict: 'waiting', found: phrase('looking…') });
/** What is as it should be. */
export const good = (found: string): Judged => ({ verdict: 'good', found });
/** What a show can do with, if somebody looks at it. */
export const look = (found: string, fix: string): Judged => ({ verdict: 'look', found, fix });
/** What has to be mended before the show. */
export const bad = (found: string, fix: string): Judged => ({ verdict: 'bad', found, fix });

/** A duration in whole milliseconds. */
export function whole(ms: number | null): string {
  return ms === null ? phrase('no time') : `${Math.round(ms)} ms`;
}

/** A duration to a tenth of a millisecond. */
export function tenth(ms: number): string {
  return `${tenthOf(ms)} ms`;
}

/** A number to one decimal place at most. */
export function tenthOf(value: number): string {
  return String(Math.round(value * 10) / 10).replace('.', phrase('.'));
}
