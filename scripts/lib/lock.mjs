/**
 * Locks between commands on one machine: a file that names the process that holds it and the children that it has started
 * since. It is held while any of them lives, because two servers on one database would overwrite each other's work, even
 * while the first one is ending.
 */
import { createHash } from 'node:crypto';
import { linkSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ensureFolder } from './folder.mjs';
import { GRACE_MS, groupLives } from './group.mjs';
import { identityOf } from './processes.mjs';
import { errorCode, Stop, writeFailure } from './stop.mjs';

const POLL_MS = 100;
/** A command notices within half a second that its parent was killed, and then marks its lock as ending; milliseconds. */
const NOTICE_MS = 1_000;
/** Longest wait for a holder that is ending, milliseconds: by then its children were asked to end, and killed. */
const LEAVE_MS = 2 * GRACE_MS + 4_000;
/** Most attempts to take a lock: each fails only because another command took or released it meanwhile. */
const MAX_TURNS = 100;

/** @typedef {import('./processes.mjs').Identity} Identity */
/** @typedef {Identity & { children: Identity[], ending: boolean }} Holder */
/** @typedef {{ release: () => void }} Lock */
/** `ending`: the holder was told to end, or is dead while children of it live. @typedef {{ heldBy: number, ending: boolean }} Held */

/** This process as the holder in its locks. @type {Holder} */
const self = { ...(identityOf(process.pid) ?? { pid: process.pid, born: '' }), children: [], ending: false };
/** Paths of the locks that this process holds. @type {Set<string>} */
const mine = new Set();

/**
 * Takes a lock, or names its holder. A lock whose holder and its children are dead is free.
 * @param {string} path
 * @returns {Lock | Held}
 * @throws {Stop} when there can be no lock there
 */
export function takeLock(path) {
  ensureFolder(dirname(path));
  try {
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      if (created(path)) return held(path);
      const words = read(path);
      if (words === null) continue;
      const other = holderOf(words);
      if (other) return other;
      // Taking over a dead holder's lock is itself locked, or two commands could take it over from each other.
      const turnLock = takeLock(`${path}.${createHash('sha256').update(words).digest('hex').slice(0, 12)}`);
      if ('heldBy' in turnLock) return turnLock;
      const isSame = read(path) === words;
      if (isSame) put(path);
      turnLock.release();
      if (isSame) return held(path);
    }
  } catch (error) {
    throw writeFailure(error, dirname(path));
  }
  throw new Stop(`The lock ${path} changes hands all the time: end what else was started here.`);
}

/**
 * Takes a lock, waiting for a holder that is ending.
 * @param {string} path
 * @param {(pid: number) => void} onWait called once when there is one
 * @returns {Promise<Lock | Held>} held when its holder is not ending, or does not end in time
 */
export async function takeWhenLeft(path, onWait) {
  const began = performance.now();
  let isTold = false;
  for (;;) {
    const lock = takeLock(path);
    if (!('heldBy' in lock)) return lock;
    if (performance.now() - began > (lock.ending ? LEAVE_MS : NOTICE_MS)) return lock;
    if (lock.ending && !isTold) onWait(lock.heldBy);
    isTold ||= lock.ending;
    await pause(POLL_MS);
  }
}

/**
 * Runs work that only one command at a time may do; waits for its turn.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {(pid: number) => void} onWait called once when another command is doing it
 * @returns {Promise<T>}
 */
export async function inTurn(path, work, onWait) {
  for (let isTold = false; ; isTold = true) {
    const lock = takeLock(path);
    if (!('heldBy' in lock)) return await work().finally(lock.release);
    if (!isTold) onWait(lock.heldBy);
    await pause(POLL_MS);
  }
}

/**
 * Adds a group that this process has started to its locks, which are held until that group is gone too.
 * @param {number} leader
 */
export function holdWithChild(leader) {
  const child = identityOf(leader);
  if (!child || mine.size === 0) return;
  self.children = [...self.children.filter(groupLivesAs), child];
  sayAgain();
}

/** Marks the locks of this process as ending. */
export function announceEnd() {
  self.ending = true;
  sayAgain();
}

/** Releases every lock of this process. */
export function releaseLocks() {
  for (const path of mine) release(path);
}

/** @param {string} path */
function held(path) {
  mine.add(path);
  return { release: () => release(path) };
}

/** @param {string} path */
function release(path) {
  mine.delete(path);
  if (isOurs(path)) rmSync(path, { force: true });
}

function sayAgain() {
  for (const path of mine) {
    try {
      if (isOurs(path)) put(path);
    } catch {
      // The folder is gone or full: the lock stays as it is.
    }
  }
}

/** @param {string} path */
function isOurs(path) {
  const holder = parse(read(path) ?? '');
  return holder?.pid === self.pid && holder.born === self.born;
}

/** @param {string} path */
function created(path) {
  try {
    put(path, linkSync);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Writes this process into a lock, at one stroke, so that an existing lock always names its holder.
 * @param {string} path
 * @param {(draft: string, path: string) => void} move
 */
function put(path, move = renameSync) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(self));
  try {
    move(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * @param {string} path
 * @returns {string | null} null when it is gone meanwhile
 * @throws {Stop} when the path is no lock
 */
function read(path) {
  try {
    if (!lstatSync(path).isFile()) throw new Stop(`${path} is to be a file and is none: remove it.`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** @param {string} words of a lock @returns {Held | undefined} nothing when no living process holds it */
function holderOf(words) {
  const holder = parse(words);
  if (!holder) return undefined;
  const isSelf = holder.pid === self.pid && holder.born === self.born;
  if (!isSelf && livesAs(holder)) return { heldBy: holder.pid, ending: holder.ending };
  return !isSelf && holder.children.some(groupLivesAs) ? { heldBy: holder.pid, ending: true } : undefined;
}

/** @param {Identity} identity */
function livesAs({ pid, born }) {
  return identityOf(pid)?.born === born;
}

/** @param {Identity} leader */
function groupLivesAs(leader) {
  // A group's number is used again only after all of its processes are gone.
  const now = identityOf(leader.pid);
  return now ? now.born === leader.born : groupLives(leader.pid);
}

/** @param {string} words @returns {Holder | undefined} nothing when they are not those of a lock */
function parse(words) {
  try {
    const { pid, born, children = [], ending = false } = JSON.parse(words);
    const identities = [{ pid, born }, ...children];
    const isKnown = identities.every(
      (each) => Number.isSafeInteger(each.pid) && typeof each.born === 'string',
    );
    return isKnown ? { pid, born, children, ending: ending === true } : undefined;
  } catch {
    return undefined;
  }
}
