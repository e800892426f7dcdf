import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { stageAction, stageKeys } from '../../src/routes/stage/[code]/keys.ts';

/** As much of a page as decides whom a key belongs to. */
class FakeElement {
  isContentEditable = false;
  readonly #inside: string;
  constructor(inside: string) {
    this.#inside = inside;
  }
  closest(selectors: string): object | null {
    return selectors.split(',').some((selector) => selector.trim() === this.#inside) ? this : null;
  }
}

let hasDialog = false;
beforeEach(() => {
  hasDialog = false;
  vi.stubGlobal('HTMLElement', FakeElement);
  vi.stubGlobal('document', { querySelector: () => (hasDialog ? {} : null) });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

interface Held {
  code?: string;
  shiftKey?: boolean;
  ctrlKey?: boolean;
  repeat?: boolean;
}

function press(key: string, inside = 'body', held: Held = {}) {
  const target = new FakeElement(inside) as unknown as EventTarget;
  const modifiers = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, repeat: false };
  return stageAction({ key, code: '', ...modifiers, target, ...held });
}

test('a clicker, the arrows and the space bar turn the pages', () => {
  for (const key of ['PageDown', 'ArrowRight', 'ArrowDown', ' '])
    expect(press(key)).toEqual({ kind: 'next' });
  for (const key of ['PageUp', 'ArrowLeft', 'ArrowUp']) expect(press(key)).toEqual({ kind: 'previous' });
});

test('letters work in either case, and digits pick a product', () => {
  for (const key of ['q', 'Q']) expect(press(key)).toEqual({ kind: 'code' });
  for (const key of ['b', '.']) expect(press(key)).toEqual({ kind: 'blank' });
  expect(press('3')).toEqual({ kind: 'sku', place: 3 });
  expect(press('6')).toBeNull();
});

test('the space bar goes back with the shift key, as pages scroll', () => {
  expect(press(' ', 'body', { code: 'Space', shiftKey: true })).toEqual({ kind: 'previous' });
  expect(press(' ', 'button', { code: 'Space', shiftKey: true })).toBeNull();
});

test.each([
  ['й', 'KeyQ', false, 'code'],
  ['Й', 'KeyQ', true, 'code'],
  ['к', 'KeyR', false, 'reset'],
  [';', 'KeyQ', false, 'code'],
  ['ש', 'KeyA', false, 'audit'],
  ['Process', 'KeyN', false, 'notes'],
  ['ｔ', 'KeyT', false, 'guardrail'],
  ['؟', 'Slash', true, 'help'],
])('“%s” at %s, on a layout of another script, does what its place does', (key, code, shiftKey, kind) => {
  expect(press(key, 'body', { code, shiftKey })).toEqual({ kind });
});

test('digits of any script and layout pick a product, and a letter of a Latin layout goes by itself', () => {
  expect(press('٣')).toEqual({ kind: 'sku', place: 3 });
  expect(press('&', 'body', { code: 'Digit1' })).toEqual({ kind: 'sku', place: 1 });
  expect(press('!', 'body', { code: 'Digit1', shiftKey: true })).toBeNull();
  // A French keyboard has the A where an American one has the Q.
  expect(press('a', 'body', { code: 'KeyQ' })).toEqual({ kind: 'audit' });
  // Dvorak has the point at the E.
  expect(press('.', 'body', { code: 'KeyE' })).toEqual({ kind: 'blank' });
});

test('keys belong to a field that has them, and to an open question', () => {
  for (const field of ['input', 'textarea', 'select']) {
    expect(press('r', field)).toBeNull();
    expect(press('PageDown', field)).toBeNull();
  }
  hasDialog = true;
  expect(press('PageDown')).toBeNull();
  expect(press('Escape')).toBeNull();
});

test('a focused button keeps the key that presses it, and no other', () => {
  expect(press(' ', 'button')).toBeNull();
  expect(press('PageDown', 'button')).toEqual({ kind: 'next' });
});

test('shortcuts of the browser stay the browser’s, and a held key is one press', () => {
  expect(press('r', 'body', { ctrlKey: true })).toBeNull();
  expect(press('PageDown', 'body', { repeat: true })).toBeNull();
});

const NAMES: Record<string, string> = {
  '→': 'ArrowRight',
  '←': 'ArrowLeft',
  Space: ' ',
  Esc: 'Escape',
};

test('T is the guardrail’s key, J shows an answer, N opens the notes', () => {
  for (const key of ['t', 'T']) expect(press(key)).toEqual({ kind: 'guardrail' });
  expect(press('j')).toEqual({ kind: 'answer' });
  expect(press('n')).toEqual({ kind: 'notes' });
});

test('V turns the pages behind the verdict, and with the shift key leads back, by its place too', () => {
  expect(press('v')).toEqual({ kind: 'closing' });
  expect(press('V', 'body', { shiftKey: true })).toEqual({ kind: 'verdict' });
  expect(press('М', 'body', { code: 'KeyV', shiftKey: true })).toEqual({ kind: 'verdict' });
});

test('the help lists every action once, and every key that it lists does something', () => {
  const told = stageKeys().map(({ does }) => does);
  expect(new Set(told).size).toBe(told.length);
  // The page around every screen has the key that switches between live and rehearsal.
  const kinds = stageKeys()
    .filter(({ keys }) => keys !== 'L')
    .map(({ keys }) => {
      const listed = keys.split(/\s+/).filter((key) => key !== '–');
      const found = new Set(
        listed.map((key) => {
          const [name = '', shiftKey] = key.startsWith('Shift+') ? [key.slice(6), true] : [key, false];
          return press(NAMES[name] ?? name, 'body', { shiftKey })?.kind;
        }),
      );
      expect(found.has(undefined), keys).toBe(false);
      expect(found.size, keys).toBe(1);
      return [...found][0];
    });
  expect(new Set(kinds).size).toBe(kinds.length);
});
