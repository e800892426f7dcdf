/** Process groups: every child leads its own, so that ending the group ends whatever the child has started. */
import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { groupHasLife } from './processes.mjs';

/** How long a group may take to end by itself before it is killed, milliseconds. */
export const GRACE_MS = 3_000;
const POLL_MS = 25;

/**
 * Sends a signal to everything in a group that is still there.
 * @param {number} leader process id of the group's leader
 * @param {'SIGTERM' | 'SIGKILL'} signal
 */
export function signalGroup(leader, signal) {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(leader), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-leader, signal);
  } catch {
    // The group is gone already.
  }
}

/** @param {number} leader @returns {boolean} whether any process of the group lives; a zombie does not count */
export function groupLives(leader) {
  try {
    process.kill(process.platform === 'win32' ? leader : -leader, 0);
  } catch {
    return false;
  }
  return groupHasLife(leader);
}

/** Ends a group: asks, waits {@link GRACE_MS}, kills. Resolves when nothing of it is left. @param {number} leader */
export async function endGroup(leader) {
  signalGroup(leader, 'SIGTERM');
  if (await groupGone(leader, GRACE_MS)) return;
  signalGroup(leader, 'SIGKILL');
  await groupGone(leader, GRACE_MS);
}

/**
 * @param {number} leader
 * @param {number} withinMs
 * @returns {Promise<boolean>} false when something still lives after that time
 */
async function groupGone(leader, withinMs) {
  const deadline = performance.now() + withinMs;
  while (groupLives(leader)) {
    if (performance.now() > deadline) return false;
    await pause(POLL_MS);
  }
  return true;
}
