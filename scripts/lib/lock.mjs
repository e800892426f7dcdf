/** Locks between commands on one machine: a file that names the process that holds it. */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ensureFolder } from './folder.mjs';
import { errorCode, writeFailure } from './stop.mjs';

const POLL_MS = 200;

/**
 * Takes a lock, or names its holder. A lock whose process is gone is free.
 * @param {string} path
 * @returns {{ release: () => void } | { heldBy: number }}
 */
export function takeLock(path) {
  ensureFolder(dirname(path));
  try {
    // Twice: the first may find the lock of a process that has died.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      if (created(path)) return { release: () => rmSync(path, { force: true }) };
      const holder = Number(readIfThere(path));
      if (holder !== process.pid && lives(holder)) return { heldBy: holder };
      rmSync(path, { force: true });
    }
  } catch (error) {
    throw writeFailure(error, dirname(path));
  }
  return { heldBy: Number(readIfThere(path)) };
}

/**
 * Does something that only one command at a time may do; waits for its turn.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {() => void} onWait called once when somebody else is at it
 * @returns {Promise<T>}
 */
export async function inTurn(path, work, onWait) {
  let lock = takeLock(path);
  if ('heldBy' in lock) onWait();
  while ('heldBy' in lock) {
    await pause(POLL_MS);
    lock = takeLock(path);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** @param {string} path */
function created(path) {
  // Written first and then linked: a lock that exists always names its holder.
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @param {number} pid */
function lives(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
