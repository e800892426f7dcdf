/** What may be kept for a time without a network, and where a rehearsal begins when that time has come. */
import { describe, expect, it } from 'vitest';
import { beginningOf, FIRST_SEEN, noteSeen } from '#lib/client/rehearsal-memory.ts';
import type { Store } from '#lib/client/surroundings.ts';
import { isBuilt, isOwnCache, isShell, OFFLINE_PAGE } from '#lib/rehearsal/shells.ts';
// The worker stands in no project's list of files: this brings it under the type checks.
import type {} from '../../src/service-worker.ts';

const memory = (kept = new Map<string, string>()): Store => ({
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => void kept.set(key, value),
  removeItem: (key) => void kept.delete(key),
});
const SEEN = {
  skus: [{ id: 'seat', name: 'Seat', capacity: 5, unitPrice: 90 }],
  mode: 'both' as const,
  step: 4,
};

describe('the service worker', () => {
  it('keeps pages that hold nothing of a session, and built files', () => {
    for (const path of [
      '/',
      '/rehearsal',
      '/j/K7QM2P',
      '/stage/K7QM2P',
      '/control/K7QM2P',
      '/control/K7QM2P/notes',
    ]) {
      expect(isShell(path), path).toBe(true);
    }
    expect(isShell(OFFLINE_PAGE)).toBe(true);
    expect(isBuilt('/_app/immutable/chunks/a.js')).toBe(true);
    expect(isOwnCache('revenue-guard-1')).toBe(true);
    expect(isOwnCache('somebody-elses')).toBe(false);
  });

  it('keeps no answer of the API, no socket, no file and no page that it does not know', () => {
    const others = ['/api/auth/me', '/api', '/parties/room/K7QM2P.seat', '/verify', '/guide', '/show/K7QM2P'];
    for (const path of [
      ...others,
      '/j/',
      '/j/K7QM2P/x',
      '/control/K7QM2P/preflight',
      '/service-worker.js',
      '//x/',
    ]) {
      expect(isShell(path) || isBuilt(path), path).toBe(false);
    }
  });
});

describe('a rehearsal begins', () => {
  it('where this browser last saw the show', () => {
    const store = memory();
    noteSeen('K7QM2P', { ...SEEN, held: false, seed: 12 }, store);
    expect(beginningOf('K7QM2P', () => 0.5, store)).toEqual({
      ...SEEN,
      held: false,
      show: 'K7QM2P',
      seed: 12,
    });
    expect(beginningOf('REHEAR', () => 0.5, store)).toEqual({ ...FIRST_SEEN, show: 'REHEAR', seed: 5_000 });
  });

  it('with what the show sells when nothing else is known, and with a ticket when not even that is', () => {
    const kept = new Map([['rgl.show.K7QM2P', JSON.stringify(SEEN.skus)]]);
    expect(beginningOf('K7QM2P', () => 0, memory(kept))).toEqual({
      ...FIRST_SEEN,
      skus: SEEN.skus,
      show: 'K7QM2P',
      seed: 0,
    });
  });

  it('anew when what was kept cannot be read', () => {
    for (const text of [
      '',
      '{',
      '[]',
      '{"skus":[],"mode":"safe","step":1}',
      JSON.stringify({ ...SEEN, step: 9 }),
    ]) {
      const store = memory(new Map([['rgl.rehearsal.K7QM2P.seen', text]]));
      expect(beginningOf('K7QM2P', () => 0, store)).toMatchObject(FIRST_SEEN);
    }
  });
});
