/** A presenter's second device, in real browsers: the code on the control screen, the phone that scans it, and its limits. */
import { encode } from 'uqr';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { SCREENS, Venue } from './support/venue.ts';

const PRODUCT = { name: 'Seat', capacity: 20, unitPrice: 10 };

let venue: Venue;
/** Two shows, and no more: presenters sign in only so often from one address. */
let presenter: Presenter;
let other: Presenter;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  presenter = await Presenter.opens(venue, inject('host').debugToken, [PRODUCT]);
  other = await Presenter.opens(venue, inject('host').debugToken, [PRODUCT]);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

/** Asks for a code on a control screen: the address that the QR code holds. */
async function showsCode({ control, code }: Presenter): Promise<string> {
  const answered = control.waitForResponse(
    (response) => response.url().endsWith('/api/auth/pair') && response.request().method() === 'POST',
  );
  await control.getByRole('button', { name: 'Show a sign-in code' }).click();
  const { data } = (await (await answered).json()) as { data: { secret: string } };
  const address = `${venue.url}/control/${code}?lang=en#pair=${data.secret}`;
  const qr = control.getByRole('img', { name: 'QR code that signs one more device in' });
  await qr.waitFor();
  const drawn = await qr.locator('path').getAttribute('d');
  const expected = encode(address, { ecc: 'M', border: 4 })
    .data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  expect(drawn, 'the QR code holds the address').toBe(expected);
  return address;
}

/** A phone in the presenter's hand. */
async function newPhone(who: string): Promise<Page> {
  return venue.page(await venue.phone(), who);
}

const isControl = (page: Page) => page.getByRole('button', { name: 'End the show…' }).waitFor();

describe('a second device', () => {
  let remote: Page;
  let address: string;

  it('scans the code and presents, and the first one is told when', async () => {
    const { control, stage } = presenter;
    address = await showsCode(presenter);
    const secret = address.split('#pair=')[1] ?? '';
    await shoot(control, 'control-pairing', true);

    remote = await newPhone('remote');
    const urls: string[] = [];
    const bodies: string[] = [];
    remote.on('request', (request) => {
      urls.push(request.url(), JSON.stringify(request.headers()));
      if (request.postData()?.includes(secret)) bodies.push(`${request.method()} ${request.url()}`);
    });
    remote.on('websocket', (socket) => urls.push(socket.url()));
    await remote.goto(address);
    await isControl(remote);
    expect(new URL(remote.url()).hash).toBe('');
    expect(urls.filter((text) => text.includes(secret))).toEqual([]);
    expect(bodies).toEqual([`POST ${venue.url}/api/auth/pair/redeem`]);
    for (const page of [remote, stage]) {
      const kept = await page.evaluate(() =>
        JSON.stringify([
          { ...localStorage },
          { ...sessionStorage },
          history.state,
          location.href,
          document.referrer,
          document.documentElement.outerHTML,
        ]),
      );
      expect(kept).not.toContain(secret);
    }

    await control.getByText(/A second device signed in at \d\d:\d\d, as presenter-2\./).waitFor();
    expect(await control.getByRole('img', { name: /QR code that signs/ }).count()).toBe(0);
    await shoot(control, 'control-paired', true);
    await expectNoSidewaysScroll(remote);
    await shoot(remote, 'phone-control-paired', true);
  });

  it('steers the same show', async () => {
    await remote.locator('.switch button.both').click();
    await presenter.control.locator('button.both[aria-pressed="true"]').waitFor();
  });

  it('does not hand its code on: a third device reads that it was used', async () => {
    venue.expects(/third: .*40[13]/);
    const third = await newPhone('third');
    await third.goto(address);
    await third.getByText('This code has been used').waitFor();
    expect(new URL(third.url()).hash).toBe('');
    await third.getByText('A new code is one tap away').waitFor();
    await third.setViewportSize(SCREENS.smallPhone);
    await expectNoSidewaysScroll(third);
    await shoot(third, 'small-phone-pairing-used');
    await third.reload();
    await third.getByText('not signed in as the presenter').waitFor();
    await third.context().close();
  });

  it('keeps its own session when the address comes again: nothing is spent', async () => {
    const fresh = await showsCode(presenter);
    await remote.goto('about:blank');
    await remote.goto(fresh);
    await isControl(remote);
    await presenter.control.getByRole('button', { name: 'Take the code back' }).click();
    await presenter.control.getByRole('button', { name: 'Show a sign-in code' }).waitFor();
  });

  it('signs out by itself; the first one presents on', async () => {
    await remote.getByRole('button', { name: 'Sign out this device only (presenter-2)' }).click();
    await remote.waitForURL(`${venue.url}/`);
    await presenter.stage.getByText('● live').waitFor();
    await presenter.switchTo('safe');
  });
});

describe('a code that is not good', () => {
  it('was taken back: the device reads so, and the door is offered', async () => {
    venue.expects(/late: .*40[13]/);
    const address = await showsCode(presenter);
    await presenter.control.getByRole('button', { name: 'Take the code back' }).click();
    await presenter.control.getByRole('button', { name: 'Show a sign-in code' }).waitFor();
    const late = await newPhone('late');
    await late.goto(address);
    await late.getByText('This code is no longer good').waitFor();
    await late.getByRole('link', { name: 'Sign in at the door' }).waitFor();
    await late.context().close();
  });

  it('is of a device that presents another show: it is asked first', async () => {
    const address = await showsCode(other);
    // One presenter's browser scans the other one's code, in a tab of its own.
    const tab = await venue.page(presenter.context, 'tab');
    await tab.goto(address);
    await tab.getByText('This browser presents another show').waitFor();
    await shoot(tab, 'control-pairing-other');
    await tab.getByRole('button', { name: 'Sign in here instead' }).click();
    await isControl(tab);
    await other.control.getByText(/device signed in at \d\d:\d\d, as presenter-2/).waitFor();
    await tab.close();
  });
});

describe('the end of the show', () => {
  it('on one device is the end on all of them', async () => {
    // What a page that has just come asks at that very moment is answered so.
    venue.expects(/^other end: .*410/);
    const remote = await newPhone('other end');
    await remote.goto(await showsCode(other));
    await isControl(remote);
    await other.control.getByRole('button', { name: 'End the show…' }).click();
    await other.control.getByRole('button', { name: 'End it for everybody' }).click();
    await expect.poll(() => new URL(other.control.url()).pathname).not.toContain('/control/');
    await remote
      .getByText(/show (has ended|is over)/i)
      .first()
      .waitFor();
    await remote.context().close();
  });
});
