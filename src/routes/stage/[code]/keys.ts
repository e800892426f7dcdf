/**
 * What a key does on the stage, on the control screen and in the notes. A clicker sends PageDown and PageUp; the rest are a
 * keyboard's.
 */

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
  { keys: 'PageUp  ←', does: 'previous step, and its lane' },
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
  Escape: 'close',
};

/** The part of a keyboard event that decides. */
export interface KeyPress {
  key: string;
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
  if (/^[1-5]$/.test(press.key)) return { kind: 'sku', place: Number(press.key) };
  const kind = ACTIONS[press.key.length === 1 ? press.key.toLowerCase() : press.key];
  return kind && kind !== 'sku' ? { kind } : null;
}

function takesKeys({ target, key }: KeyPress): boolean {
  // An open dialog has all keys, also when the focus fell out of a button that went off.
  if (document.querySelector('dialog[open]')) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest('input, textarea, select')) return true;
  // A focused button or link keeps the key that presses it.
  return (key === ' ' || key === 'Enter') && target.closest('button, a') !== null;
}
