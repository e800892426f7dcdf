/** A page walked through by keyboard alone: what has the focus, whether that is seen, and whether a walk comes to its end. */
import type { Page } from 'playwright-core';
import { BOUNCE_MS } from '#lib/client/second-press.ts';

/** More stops than any page has: a walk that is longer goes round in a part of it. */
const MOST_STOPS = 200;

/** What has the focus. */
export interface Stop {
  /** Words of the control. */
  name: string;
  /** Its place among the elements of the document, for their order; -1 when nothing has the focus. */
  place: number;
  /** True when a ring is drawn around it. */
  hasRing: boolean;
  /** True when it lies on the screen with nothing above it. */
  isInSight: boolean;
}

/** What has the focus now. */
export function focusOn(page: Page): Promise<Stop> {
  return page.evaluate(() => {
    const found = document.activeElement;
    if (!(found instanceof HTMLElement) || found === document.body) {
      return { name: '', place: -1, hasRing: false, isInSight: false };
    }
    const { outlineStyle, outlineWidth } = getComputedStyle(found);
    const { left, top, width, height } = found.getBoundingClientRect();
    // Its ends and its middle: something of it has to be seen, and WCAG asks for no more.
    const seen = [0.1, 0.5, 0.9].some((part) => {
      const above = document.elementFromPoint(left + width * part, top + height * part);
      return above !== null && (found.contains(above) || above.contains(found));
    });
    const label = found.getAttribute('aria-label') ?? (found as HTMLInputElement).labels?.[0]?.textContent;
    return {
      name: (label ?? found.innerText).replace(/\s+/g, ' ').trim(),
      place: Number(found.dataset['place'] ?? [...document.querySelectorAll('*')].indexOf(found)),
      hasRing: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
      isInSight: seen,
    };
  });
}

/** Presses Tab until the control of this name has the focus; throws when a whole round does not lead there. */
export async function tabTo(page: Page, name: RegExp): Promise<Stop> {
  const passed: string[] = [];
  for (let presses = 0; presses < MOST_STOPS; presses += 1) {
    await page.keyboard.press('Tab');
    const stop = await focusOn(page);
    if (name.test(stop.name)) return stop;
    passed.push(stop.name);
  }
  throw new Error(`No Tab leads to ${String(name)}; it went by ${passed.slice(0, 60).join(' | ')}`);
}

/** All stops of one round from the top of the page, in their order. */
export async function walk(page: Page): Promise<Stop[]> {
  await page.evaluate(() => {
    // A walk goes on where the focus was last: it has to have been at the very top.
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
    window.scrollTo(0, 0);
    // The page goes on while it is walked: places are those of now.
    const all = document.querySelectorAll<HTMLElement>('body *');
    all.forEach((each, place) => each.setAttribute('data-place', String(place)));
  });
  return stopsBy(page, 'Tab', []);
}

/** The way back from the last stop of a walk to its first. */
export async function walkBack(page: Page, forth: readonly Stop[]): Promise<Stop[]> {
  const last = forth.at(-1)?.place;
  // The walk has left the page at its end or has come round: to its last stop it goes by all of them again.
  for (let presses = 0; presses < MOST_STOPS; presses += 1) {
    if ((await focusOn(page)).place === last) break;
    await page.keyboard.press('Tab');
  }
  return stopsBy(page, 'Shift+Tab', [await focusOn(page)]);
}

async function stopsBy(page: Page, key: 'Tab' | 'Shift+Tab', stops: Stop[]): Promise<Stop[]> {
  while (stops.length < MOST_STOPS) {
    await page.keyboard.press(key);
    const stop = await focusOn(page);
    if (stop.place < 0 || stops.some(({ place }) => place === stop.place)) return stops;
    stops.push(stop);
  }
  throw new Error(`A walk by ${key} has no end: ${stops.map(({ name }) => name).join(' | ')}`);
}

/** How many things on a page a mouse can press or fill. */
export function operable(page: Page): Promise<number> {
  return page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary');
    return [...all].filter(
      (each) => !each.matches(':disabled') && each.checkVisibility({ visibilityProperty: true }),
    ).length;
  });
}

/** The guardrail's key on the stage, twice, as slowly as a hand is: sooner it would be one press that bounced. */
export async function turnsGuardrail(stage: Page, what: 'trips' | 'clears'): Promise<void> {
  // What a press would do is what the stage shows by then.
  await stage.locator('.banner').waitFor({ state: what === 'trips' ? 'detached' : 'visible' });
  await stage.keyboard.press('t');
  await stage.getByText(`again ${what} the guardrail`).waitFor();
  await stage.waitForTimeout(BOUNCE_MS);
  await stage.keyboard.press('t');
}
