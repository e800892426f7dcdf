/**
 * The check for robots in a real browser, on a site that asks for it: Cloudflare's script and siteverify are stood in for, as
 * they are documented, and can be taken away.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Child } from '../../scripts/lib/child.mjs';
import { endGroup } from '../../scripts/lib/group.mjs';
import { freePort } from '../../scripts/lib/network.mjs';
import { startServer, untilHealthy } from '../../scripts/lib/server.mjs';
import { Phone } from './support/phone.ts';
import { shoot } from './support/shots.ts';
import { SCREENS, Venue } from './support/venue.ts';

const DEBUG = randomBytes(32).toString('base64url');
const CLOUDFLARE = 'https://challenges.cloudflare.com';
/** A widget is a button that hands out a token; what it was rendered with can be read from outside. */
const SCRIPT = `
  window.rendered = [];
  window.turnstile = {
    render(place, options) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = 'I am a person';
      button.onclick = () => options.callback((window.nextToken ?? 'good') + '.' + Math.random());
      place.append(button);
      window.rendered.push(options);
      options['before-interactive-callback']();
      return 'cf-' + window.rendered.length;
    },
    remove() { document.querySelectorAll('.turnstile > div > button').forEach((button) => button.remove()); },
  };`;

let venue: Venue;
let server: Child;
let siteverify: Server;
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'revenue-guard-turnstile-'));
  mkdirSync(join(folder, 'state'));
  siteverify = createServer((request, response) => {
    void (async () => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const isGood = /"response":"good\./.test(text);
      const answer = isGood
        ? { success: true, hostname: '192.168.1.20', action: 'login' }
        : { success: false, 'error-codes': ['invalid-input-response'] };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    })();
  }).listen(0, '127.0.0.1');
  await once(siteverify, 'listening');
  const port = await freePort();
  server = startServer({
    host: '127.0.0.1',
    port,
    persistTo: join(folder, 'state'),
    vars: new Map([
      ['DEBUG_TOKEN', DEBUG],
      ['SESSION_SECRET', randomBytes(48).toString('base64url')],
      ['TURNSTILE_SITE_KEY', 'site-key'],
      ['TURNSTILE_SECRET_KEY', 'secret-key-of-this-test'],
      ['TURNSTILE_VERIFY_URL', `http://127.0.0.1:${(siteverify.address() as AddressInfo).port}/`],
    ]),
    onLine: () => undefined,
  });
  await untilHealthy(server, `http://127.0.0.1:${port}`);
  venue = await Venue.open({ port });
  venue.expects(/asked https:\/\/challenges\.cloudflare\.com\/turnstile\/v0\/api\.js/);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(async () => {
  await venue.close();
  await endGroup(server.pid);
  await server.ended;
  siteverify.closeAllConnections();
  siteverify.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Lets a device reach the script, or keeps it out. */
async function network(context: BrowserContext, cloudflare: 'there' | 'gone'): Promise<void> {
  await context.unroute(`${CLOUDFLARE}/**`);
  await context.route(`${CLOUDFLARE}/**`, (route) =>
    cloudflare === 'there'
      ? route.fulfill({ contentType: 'text/javascript', body: SCRIPT })
      : route.abort('connectionrefused'),
  );
}

const rendered = (page: Page) =>
  page.evaluate(() => {
    const { rendered: all } = window as unknown as { rendered: Record<string, unknown>[] };
    return all.map(({ sitekey, action, language, theme, retry }) => ({
      sitekey,
      action,
      language,
      theme,
      retry,
    }));
  });
const widget = (page: Page) => page.getByRole('button', { name: 'I am a person' });

let show = '';

describe('the presenter', () => {
  it('opens a show with the check, rendered once and in the page’s language', async () => {
    const context = await venue.device({ viewport: SCREENS.control });
    await network(context, 'there');
    const page = await venue.page(context, 'door');
    await page.goto('/');
    await widget(page).click();
    expect(await rendered(page)).toEqual([
      { sitekey: 'site-key', action: 'login', language: 'en', theme: 'auto', retry: 'never' },
    ]);
    await page.getByRole('button', { name: 'Open the show' }).click();
    await page.waitForURL('**/control/*');
    show = page.url().split('/').at(-1) ?? '';
    await page.goto(`/control/${show}/preflight`);
    await expect
      .poll(() => page.locator('[data-row="gate"]').innerText())
      .toMatch(/Cloudflare’s check answered the server in \d+ ms; this browser loads it/);
    // The session that opened the show stays: it is closed with the venue.
  });

  it('gets a fresh check after a login that was refused', async () => {
    venue.expects(/refused: .*403/);
    const context = await venue.device({ viewport: SCREENS.control });
    await network(context, 'there');
    const page = await venue.page(context, 'refused');
    await page.goto('/');
    await page.evaluate(() => Object.assign(window, { nextToken: 'bad' }));
    await widget(page).click();
    await page.getByRole('button', { name: 'Open the show' }).click();
    await page.getByText('The sign-in was not accepted').waitFor();
    await expect.poll(async () => (await rendered(page)).length).toBe(2);
    expect(await page.getByRole('button', { name: 'Open the show' }).isDisabled()).toBe(true);
    await page.evaluate(() => Object.assign(window, { nextToken: 'good' }));
    await widget(page).click();
    await page.getByRole('button', { name: 'Open the show' }).click();
    await page.waitForURL('**/control/*');
    await context.close();
  });

  it('goes on with the DEBUG_TOKEN where Cloudflare cannot be reached, and control says so', async () => {
    venue.expects(/cut off: .*ERR_CONNECTION_REFUSED/);
    const context = await venue.device({ viewport: SCREENS.control });
    await network(context, 'gone');
    const page = await venue.page(context, 'cut off');
    await page.goto('/');
    await page.getByText('You can sign in with the site’s token below instead').waitFor();
    const field = page.getByLabel('Sign-in token');
    await field.waitFor();
    await shoot(page, 'door-turnstile-gone', true);
    await field.fill(DEBUG);
    await page.getByRole('button', { name: 'Open the show' }).click();
    await page.waitForURL('**/control/*');
    await page
      .getByText(/debug.?token/i)
      .first()
      .waitFor();
    await context.close();
  });
});

describe('a phone', () => {
  it('joins after the check', async () => {
    venue.expects(/checked: .*400/);
    const context = await venue.phone();
    await network(context, 'there');
    const phone = new Phone(await venue.page(context, 'checked'));
    await phone.page.goto(`/j/${show}`);
    await widget(phone.page).tap();
    await phone.ready();
    await context.close();
  });

  it('reads why it cannot join where Cloudflare cannot be reached, and joins when it can', async () => {
    venue.expects(/kept out: .*(400|ERR_CONNECTION_REFUSED)/);
    const context = await venue.phone();
    await network(context, 'gone');
    const phone = new Phone(await venue.page(context, 'kept out'));
    await phone.page.goto(`/j/${show}`);
    await phone.page.getByText('could not be reached from this network').waitFor();
    await phone.page.getByText('This show lets nobody in without it, and nothing was bought').waitFor();
    await shoot(phone.page, 'phone-turnstile-gone');
    await network(context, 'there');
    await phone.page.getByRole('button', { name: 'Try the check again' }).tap();
    await widget(phone.page).tap();
    await phone.ready();
    await context.close();
  });
});

describe('the policy of pages', () => {
  const policyOf = async (url: string) =>
    (await fetch(url)).headers.get('content-security-policy')?.split('; ') ?? [];

  it('lets the check’s script and frame in, and nothing else of Cloudflare', async () => {
    const local = `http://127.0.0.1:${new URL(venue.url).port}`;
    for (const path of ['/', `/j/${show}`]) {
      const naming = (await policyOf(`${local}${path}`)).filter((directive) =>
        directive.includes('cloudflare'),
      );
      expect(naming.map((directive) => directive.split(' ')[0]).sort()).toEqual(['frame-src', 'script-src']);
    }
  });

  it('lets neither in on a site that has no such check', async () => {
    const { url } = inject('host');
    for (const path of ['/', '/j/ABCDEF', '/control/ABCDEF']) {
      const policy = await policyOf(`${url}${path}`);
      expect(policy.filter((directive) => directive.includes('cloudflare'))).toEqual([]);
      expect(policy).toContain("frame-src 'none'");
      expect(policy.find((directive) => directive.startsWith('script-src'))).toMatch(
        /^script-src 'self' 'nonce-/,
      );
    }
  });
});
