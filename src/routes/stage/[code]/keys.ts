/**
 * What a key does on the stage, on the control screen and in the notes. A clicker sends PageDown and PageUp; the rest are a
 * keyboard's.
 */

import { plainText } from '#lib/domain/typed-text.ts';

/** What a presenter can ask of the stage without a mouse. */
export type StageAction =
  | { kind: 'next' | 'previous' | 'blank' | 'fullScreen' | 'code' | 'reset' | 'help' | 'notes' | 'close' }
  | { kind: 'guardrail' | 'guess' }
  | { kind: 'motion' }
  | { kind: 'audit' }
  | { kind: 'sku'; place: number };

/** Keys of every action, as the help lists them. */
export const STAGE_KEYS: readonly { keys: string; does: string }[] = [
  { keys: 'PageDown  →  Space', does: 'next step, and its lane' },
  { keys: 'PageUp  ←  Shift+Space', does: 'previous step, and its lane' },
  { keys: '1 – 5', does: 'show another product' },
  { keys: 'Q', does: 'enlarge the code on the stage' },
  { keys: 'B  .', does: 'blank the stage' },
  { keys: 'M', does: 'the newest race in slow motion, on the stage' },
  { keys: 'A', does: 'the audit: every promise, on the stage' },
  { keys: 'F', does: 'full screen' },
  { keys: 'R', does: 'reset, after a question' },
  { keys: 'T', does: 'trip or clear the guardrail, after a question' },
  { keys: 'G', does: 'ask the room for a guess, close it, put it away' },
  { keys: 'N', does: 'open the notes in a window of their own' },
  { keys: 'L', does: 'live, or a rehearsal without a network' },
  { keys: '?', does: 'this help' },
  { keys: 'Esc', does: 'close what lies on top' },
];

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
  m: 'motion',
  q: 'code',
  r: 'reset',
  t: 'guardrail',
  g: 'guess',
  n: 'notes',
  '?': 'help',
  '؟': 'help',
  Escape: 'close',
};

/** The part of a keyboard event that decides. */
export interface KeyPress {
  key: string;
  /** Place of the key on the keyboard, named as on an American one. */
  code: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  /** True while a key is held down. */
  repeat: boolean;
  target: EventTarget | null;
}

/** The action of a key, or null: inside fields and dialogs keys are theirs, and shortcuts with a modifier are the browser's. */
export function stageAction(press: KeyPress): StageAction | null {
  if (press.ctrlKey || press.metaKey || press.altKey || press.repeat || takesKeys(press)) return null;
  const key = nameOf(press);
  if (/^[1-5]$/.test(key)) return { kind: 'sku', place: Number(key) };
  // As pages scroll: the space bar goes on, and back with the shift key.
  if (key === ' ' && press.shiftKey) return { kind: 'previous' };
  const kind = ACTIONS[key];
  return kind && kind !== 'sku' ? { kind } : null;
}

/** The key by its letter; by its place where a layout has another script there, or something that no action is on. */
export function nameOf({ key, code, shiftKey }: Pick<KeyPress, 'key' | 'code' | 'shiftKey'>): string {
  const own = [...key].length === 1 && key !== ' ' ? plainText(key).toLowerCase() : key;
  if (/^[a-z1-5]$/.test(own) || Object.hasOwn(ACTIONS, own)) return own;
  const [, letter] = /^Key([A-Z])$/.exec(code) ?? [];
  // A French keyboard has its digits above the shift key.
  const [, digit] = (!shiftKey && /^Digit([0-9])$/.exec(code)) || [];
  return letter?.toLowerCase() ?? digit ?? own;
}

function takesKeys({ target, key }: KeyPress): boolean {
  // An open dialog has all keys, also when the focus fell out of a button that went off.
  if (document.querySelector('dialog[open]')) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest('input, textarea, select')) return true;
  // A focused button or link keeps the key that presses it.
  return (key === ' ' || key === 'Enter') && target.closest('button, a') !== null;
}
