/**
 * The keys of the stage, the control screen and the notes. A clicker sends PageDown and PageUp; the others are for a
 * keyboard.
 */

import { plainText } from '#lib/domain/typed-text.ts';
import { phrase } from '#lib/language/phrase.ts';

/** An action that has a key. */
export type StageAction =
  | { kind: 'next' | 'previous' | 'blank' | 'fullScreen' | 'code' | 'reset' | 'help' | 'notes' | 'close' }
  | { kind: 'guardrail' | 'guess' | 'hold' | 'motion' | 'audit' | 'answer' | 'closing' | 'verdict' }
  | { kind: 'sku'; place: number };

/** What a screen does for each action; `place` counts the products from 1. One that it cannot do is missing. */
export type KeyHands = Partial<Record<StageAction['kind'], (place: number) => unknown>>;

/** The keys of all actions, as the help lists them. */
export function stageKeys(): readonly { keys: string; does: string }[] {
  return [
    { keys: 'PageDown  →  Space', does: phrase('next step, and its lane; before a start: 3, 2, 1, GO') },
    { keys: 'PageUp  ←  Shift+Space', does: phrase('previous step, and its lane') },
    { keys: '1 – 5', does: phrase('show another product') },
    { keys: 'Q', does: phrase('enlarge the code on the stage') },
    { keys: 'B  .', does: phrase('blank the stage') },
    { keys: 'M', does: phrase('a lost update in slow motion, on the stage') },
    { keys: 'A', does: phrase('the audit: every promise and every figure, on the stage') },
    { keys: 'J', does: phrase('an answer of the API as it comes, on the stage') },
    { keys: 'V', does: phrase('worries and verdicts, the comparison, how to check it') },
    { keys: 'Shift+V', does: phrase('back from there') },
    { keys: 'F', does: phrase('full screen') },
    { keys: 'R', does: phrase('reset, after a question') },
    { keys: 'T', does: phrase('pressed twice: trip or clear the guardrail') },
    { keys: 'G', does: phrase('ask the room for a guess, close it, put it away') },
    { keys: 'H', does: phrase('hold the room; in a held room: 3, 2, 1, GO') },
    { keys: 'N', does: phrase('open the notes in a window of their own') },
    { keys: 'L', does: phrase('live, or a rehearsal without a network') },
    { keys: '?', does: phrase('this help') },
    { keys: 'Esc', does: phrase('close what lies on top') },
  ];
}

const ACTIONS: Record<string, StageAction['kind']> = {
  PageDown: 'next',
  ArrowRight: 'next',
  ArrowDown: 'next',
  ' ': 'next',
  PageUp: 'previous',
  ArrowLeft: 'previous',
  ArrowUp: 'previous',
  a: 'audit',
  b: 'blank',
  '.': 'blank',
  f: 'fullScreen',
  j: 'answer',
  m: 'motion',
  q: 'code',
  r: 'reset',
  t: 'guardrail',
  g: 'guess',
  h: 'hold',
  v: 'closing',
  n: 'notes',
  '?': 'help',
  '؟': 'help',
  Escape: 'close',
};

/** The part of a keyboard event that is used. */
export interface KeyPress {
  key: string;
  /** The key's place on the keyboard, named as on a US layout (`KeyboardEvent.code`). */
  code: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  /** True while a key is held down. */
  repeat: boolean;
  target: EventTarget | null;
}

/** The action of a key; null inside fields and dialogs, for shortcuts of the browser, and for other keys. */
export function stageAction(press: KeyPress): StageAction | null {
  if (press.ctrlKey || press.metaKey || press.altKey || press.repeat || takesKeys(press)) return null;
  const key = nameOf(press);
  if (/^[1-5]$/.test(key)) return { kind: 'sku', place: Number(key) };
  // As browsers scroll: Space goes on, Shift+Space back.
  if (key === ' ' && press.shiftKey) return { kind: 'previous' };
  if (key === 'v' && press.shiftKey) return { kind: 'verdict' };
  const kind = ACTIONS[key];
  return kind && kind !== 'sku' ? { kind } : null;
}

/** Does what a key means on a screen. A key that means nothing there keeps its meaning for the browser. */
export function pressed(event: KeyboardEvent, hands: KeyHands): void {
  const action = stageAction(event);
  const act = action && hands[action.kind];
  if (!act) return;
  event.preventDefault();
  act(action.kind === 'sku' ? action.place : 0);
}

/** Enters or leaves full screen. The browser may refuse; the page works in its window as well. */
export async function toggleFullScreen(): Promise<void> {
  try {
    await (document.fullscreenElement
      ? document.exitFullscreen()
      : document.documentElement.requestFullscreen());
  } catch {
    // Refused: the page stays in its window.
  }
}

/** The key by its letter; by its place where the layout's character is no key of ours, such as a Cyrillic letter. */
export function nameOf({ key, code, shiftKey }: Pick<KeyPress, 'key' | 'code' | 'shiftKey'>): string {
  const own = [...key].length === 1 && key !== ' ' ? plainText(key).toLowerCase() : key;
  if (/^[a-z1-5]$/.test(own) || Object.hasOwn(ACTIONS, own)) return own;
  const [, letter] = /^Key([A-Z])$/.exec(code) ?? [];
  // French layouts type digits with Shift, so without it the number row counts by place.
  const [, digit] = (!shiftKey && /^Digit([0-9])$/.exec(code)) || [];
  return letter?.toLowerCase() ?? digit ?? own;
}

function takesKeys({ target, key }: KeyPress): boolean {
  // An open dialog takes all keys, even when its focused button was disabled and lost the focus.
  if (document.querySelector('dialog[open]')) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest('input, textarea, select')) return true;
  // Enter and Space belong to a focused button or link.
  return (key === ' ' || key === 'Enter') && target.closest('button, a') !== null;
}
