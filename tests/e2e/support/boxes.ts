/**
 * Where everything that can be read stands on a page, measured: nothing is cut, lies over something else, or is out of
 * reach. Texts on canvases are measured where they were painted.
 */
import type { BrowserContext, Page } from 'playwright-core';

/** Hears what pages of a context paint on canvases; call it before they are opened. */
export async function hearCanvases(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const painted = new WeakMap<HTMLCanvasElement, { text: string; box: DOMRect; sizePx: number }[]>();
    Object.assign(window, { painted });
    const prototype = CanvasRenderingContext2D.prototype;
    const fill = Reflect.get(prototype, 'fillText') as (...args: unknown[]) => void;
    const clear = Reflect.get(prototype, 'clearRect') as (...args: unknown[]) => void;
    prototype.fillText = function (this: CanvasRenderingContext2D, text: string, x: number, y: number) {
      const {
        actualBoundingBoxLeft,
        actualBoundingBoxRight,
        actualBoundingBoxAscent,
        actualBoundingBoxDescent,
      } = this.measureText(text);
      const { a, d, e, f } = this.getTransform();
      const box = new DOMRect(
        (x - actualBoundingBoxLeft) * a + e,
        (y - actualBoundingBoxAscent) * d + f,
        (actualBoundingBoxLeft + actualBoundingBoxRight) * a,
        (actualBoundingBoxAscent + actualBoundingBoxDescent) * d,
      );
      const sizePx = (Number(/([\d.]+)px/.exec(this.font)?.[1]) * d) / devicePixelRatio;
      painted.set(this.canvas, [...(painted.get(this.canvas) ?? []), { text, box, sizePx }]);
      fill.call(this, text, x, y);
    };
    prototype.clearRect = function (this: CanvasRenderingContext2D, ...args) {
      const [, , width] = args;
      if (width >= this.canvas.width / this.getTransform().a) painted.delete(this.canvas);
      clear.apply(this, args);
    };
  });
}

/** What is wrong with the boxes of a page, in sentences; empty when nothing is. */
export function misplaced(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    interface Words {
      text: string;
      box: DOMRect;
      element: Element;
    }
    const found: string[] = [];
    const words: Words[] = [];
    const scrolls = document.documentElement.scrollHeight > innerHeight + 1;
    const wider = document.documentElement.scrollWidth - innerWidth;
    if (wider > 0) found.push(`the page is ${wider} px wider than its screen`);

    const isShown = (element: Element) =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      element.closest('.visually-hidden, #svelte-announcer') === null;
    /** A name may end in three dots; a figure may not. */
    const mayBeShortened = (element: Element) => element.closest('bdi, [dir="auto"]') !== null;

    /** What is left of a box inside of everything that it lies in; null when that is not all of it, and need not be. */
    function inSight(box: DOMRect, element: Element, text: string): DOMRect | null {
      let seen = box;
      for (let around: Element | null = element; around; around = around.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(around);
        if (overflowX === 'visible' && overflowY === 'visible') continue;
        const edge = around.getBoundingClientRect();
        const isScrolled = /auto|scroll/.test(overflowY) && around.scrollHeight > around.clientHeight + 1;
        if (isScrolled && (box.bottom > edge.bottom || box.top < edge.top)) return null;
        const beyondX = Math.max(edge.left - box.left, box.right - edge.right);
        const beyondY = Math.max(edge.top - box.top, box.bottom - edge.bottom) - box.height * 0.2;
        if (beyondX <= 1 && beyondY <= 1) continue;
        if ((/auto|scroll/.test(overflowX) && beyondX > 1) || (/auto|scroll/.test(overflowY) && beyondY > 1))
          return null;
        if (!mayBeShortened(element)) {
          found.push(`“${text}” is cut by ${around.tagName.toLowerCase()}.${around.className}`);
          return null;
        }
        const [left, right] = [Math.max(seen.left, edge.left), Math.min(seen.right, edge.right)];
        if (right <= left) return null;
        seen = new DOMRect(left, seen.top, right - left, seen.height);
      }
      return seen;
    }

    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent?.trim() ?? '';
      const element = node.parentElement;
      if (text === '' || !element || !isShown(element) || element.closest('svg, noscript, script, style'))
        continue;
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        const seen = box.width < 1 ? null : inSight(box, element, text);
        if (!seen) continue;
        if (!mayBeShortened(element) && (box.left < -1 || box.right > innerWidth + 1))
          found.push(`“${text}” leaves the screen`);
        else if (!scrolls && box.bottom > innerHeight + 1) found.push(`“${text}” is below the screen`);
        else words.push({ text, box: seen, element });
      }
    }

    const covered = ({ text, box, element }: Words): boolean => {
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      const top = document.elementFromPoint(x, y);
      if (!top || top.contains(element) || element.contains(top)) return false;
      // A whole row is pressed where its words are, and the switch of the stage is seen while a pointer moves.
      if (top.closest('label, li')?.contains(element) || top.closest('.bar')) return false;
      // What lies under a bar at the foot of the window is scrolled out from under it.
      const bar = top.closest('nav');
      if (scrolls && bar && getComputedStyle(bar).position === 'fixed') return true;
      // What lies over the whole screen, or asks a question, is meant to.
      const over = top.closest('dialog, [role="dialog"], .over, .sheet');
      if (!over)
        found.push(
          `“${text}” lies under ${top.tagName.toLowerCase()}.${top.className} “${(top.textContent ?? '').trim().slice(0, 30)}”`,
        );
      return true;
    };
    const open = words.filter((each) => !covered(each));

    /** Letters fill the middle of their line. */
    const ink = ({ box }: { box: DOMRect }) =>
      new DOMRect(box.x + 1, box.y + box.height * 0.22, box.width - 2, box.height * 0.56);
    const meets = (a: DOMRect, b: DOMRect) =>
      a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    for (const [place, one] of open.entries()) {
      for (const other of open.slice(place + 1)) {
        if (one.element !== other.element && meets(ink(one), ink(other)))
          found.push(`“${one.text}” and “${other.text}” lie over one another`);
      }
    }

    const painted = (Reflect.get(window, 'painted') ?? new WeakMap()) as WeakMap<
      HTMLCanvasElement,
      { text: string; box: DOMRect }[]
    >;
    for (const canvas of document.querySelectorAll('canvas')) {
      if (!isShown(canvas)) continue;
      const texts = painted.get(canvas) ?? [];
      for (const [place, { text, box }] of texts.entries()) {
        if (box.left < -1 || box.top < -1 || box.right > canvas.width + 1 || box.bottom > canvas.height + 1)
          found.push(`“${text}” is cut by its canvas`);
        for (const other of texts.slice(place + 1)) {
          if (meets(box, other.box)) found.push(`“${text}” and “${other.text}” are painted over one another`);
        }
      }
    }
    return [...new Set(found)];
  });
}

/** Text of a stage is at least this many pixels of a projector of 1080 lines, and its hero this many. */
const TEXT_PX = 32;
const HERO_PX = 96;

/** What somebody in the last row cannot read of a stage, in sentences: texts that are too small, a scene without a hero. */
export function tooSmall(stage: Page): Promise<string[]> {
  return stage.evaluate(
    ({ text: textPx, hero: heroPx }) => {
      const found: string[] = [];
      const root = document.querySelector('.stage');
      if (!root) return ['there is no stage'];
      // A pixel of that projector on this screen: the stage's own size of text is said in it.
      const unit = parseFloat(getComputedStyle(root).fontSize) / textPx;
      let largest = 0;
      const take = (text: string, sizePx: number) => {
        largest = Math.max(largest, sizePx / unit);
        if (sizePx / unit < textPx - 0.5) found.push(`“${text}” is ${(sizePx / unit).toFixed(1)} px`);
      };
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const text = node.textContent?.trim() ?? '';
        const element = node.parentElement;
        if (text === '' || !element?.closest('.stage, dialog[open]')) continue;
        if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        if (element.closest('.visually-hidden, script, style, noscript')) continue;
        // A drawing is scaled as a whole.
        const drawing = element.closest('svg');
        const scale = drawing ? (drawing.getScreenCTM()?.d ?? 1) : 1;
        take(text, parseFloat(getComputedStyle(element).fontSize) * scale);
      }
      const painted = (Reflect.get(window, 'painted') ?? new WeakMap()) as WeakMap<
        HTMLCanvasElement,
        { text: string; sizePx: number }[]
      >;
      for (const canvas of document.querySelectorAll('canvas'))
        if (canvas.checkVisibility())
          for (const { text, sizePx } of painted.get(canvas) ?? []) take(text, sizePx);
      if (largest < heroPx - 0.5) found.push(`nothing is larger than ${largest.toFixed(1)} px`);
      return [...new Set(found)];
    },
    { text: TEXT_PX, hero: HERO_PX },
  );
}

/** What a stage says with a stroke through a zero, which there means overwritten, in sentences. Addresses, codes and answers keep theirs. */
export function struckZeros(stage: Page): Promise<string[]> {
  return stage.evaluate(() => {
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent?.trim() ?? '';
      const element = node.parentElement;
      if (!text.includes('0') || !element?.closest('.stage') || !element.checkVisibility()) continue;
      if (element.closest('.code, .address, .hash, .path, pre, a')) continue;
      const [family = ''] = getComputedStyle(element).fontFamily.split(',');
      const isPlain = /^"?(Plain Digits|IBM Plex Sans)"?$/.test(family);
      if (!isPlain || !document.fonts.check(`32px ${family}`, '0'))
        found.push(`“${text}” is set in ${family}`);
    }
    return [...new Set(found)];
  });
}
