/**
 * Networks of real venues: what they do to a phone, one test each. Whatever it is, the phone says in words what is wrong, nothing
 * is bought twice, and nothing is told as bought that was not. Longer than other files: every phone comes through its own way at
 * once, because each has to wait for its network first.
 */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { Between } from './support/between.ts';
import type { OwnAnswer, WayThrough } from './support/between.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { resetFrom } from './support/take-home.ts';
import { readLog, readState } from './support/truth.ts';
import { Venue, WITHIN_MS } from './support/venue.ts';

const SKU = 'seat';
/** An address of its own: resets are counted by address. */
const ADDRESS = '198.51.100.92';
/** Our pages ping every 5 s; a network that cuts after less finds them silent. */
const PATIENT_MS = 7_000;
const IMPATIENT_MS = 3_500;
const BY_CALLS =
  'This network blocks live connections: your taps are sent one by one; figures are up to 2 s old.';

/** What networks make of an upgrade, by what they are called here. */
const BLOCKS = {
  'answers 426': 426,
  'takes Upgrade out, so that it is answered 200': 200,
  'takes Upgrade out, so that it is answered 400': 400,
  'never answers an upgrade': 'held',
  'lets it pass and then buffers what is said': 'buffered',
} as const satisfies Record<string, WayThrough['upgrades']>;
/** Pages and calls alike, as a Wi-Fi answers before one has signed in. */
const PORTALS: Record<string, OwnAnswer> = {
  'a way to its page (302)': { status: 302, headers: { location: 'http://portal.example/' } },
  'its page (HTML with 200)': { status: 200, body: '<!doctype html><h1>Sign in</h1>' },
};
const PROXIES: Record<string, OwnAnswer & { words: string }> = {
  'a proxy that answers 502': { status: 502, words: 'does not reach the show (status 502)' },
  'a proxy that answers 503': { status: 503, words: 'does not reach the show (status 503)' },
  'the room that answers 503': {
    status: 503,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      success: false,
      error: { code: 'STORAGE_UNAVAILABLE', message: 'The storage does not answer.' },
      meta: {},
    }),
    words: 'The show answers, but cannot serve anybody right now.',
  },
};

let venue: Venue;
let between: Between;
let through: Venue;
let presenter: Presenter;
const phones = new Map<string, Phone>();

const isCall = (path: string) => path.startsWith('/api/demo/');
const isOrder = (path: string) => path === '/api/demo/allocate';
const phoneOf = (who: string) => phones.get(who)!;

/** Comes by the code; whether a socket passes is for its way. */
async function comes(who: string, change: Partial<WayThrough>): Promise<void> {
  between.way(who, change);
  const phone = new Phone(await through.page(await through.phone({ userAgent: who }), who));
  phones.set(who, phone);
  await phone.page.goto(`/j/${presenter.code}`);
}

/** What the log has of somebody, in units by op: no op stands there twice. */
async function boughtBy(phone: Phone, lane = 'safe'): Promise<number> {
  const label = await phone.label();
  const log = await readLog(presenter, SKU);
  const ops = log.flatMap(({ kind, body }) =>
    kind === 'allocated' && body.lane === lane && body.who === label ? [body.op] : [],
  );
  expect(new Set(ops).size, 'no op was done twice').toBe(ops.length);
  return ops.length;
}

/** Waits for something to hold: tests that run beside each other cannot share `expect.poll`. */
function until(holds: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(holds, { timeout: WITHIN_MS, interval: 100 });
}

/** Waits until a phone says that it has so many, and that nothing is on its way. */
function has(phone: Phone, confirmed: number): Promise<void> {
  return until(async () => expect(await phone.tally()).toMatchObject({ confirmed, 'on their way': 0 }));
}

/** Taps, and waits until the phone says that it has so many. */
async function buys(phone: Phone, taps: number, total: number): Promise<void> {
  await phone.taps(taps);
  await has(phone, total);
  expect(await boughtBy(phone)).toBe(total);
}

beforeAll(async () => {
  const { port, debugToken } = inject('host');
  venue = await Venue.open({ port });
  between = await Between.open(port);
  through = await Venue.open(between);
  // Networks that cut, block and answer by themselves: browsers say so of every request.
  through.expects(/WebSocket|Failed to load resource|ERR_|portal\.example|module script|content security/i);
  presenter = await Presenter.opens(venue, debugToken, [
    { name: 'Seat', capacity: 500, unitPrice: 1 },
    { name: 'Quiet', capacity: 5, unitPrice: 1 },
  ]);
  await Promise.all([
    ...Object.entries(BLOCKS).map(([who, upgrades]) => comes(who, { upgrades })),
    ...Object.keys(PROXIES).map((who) => comes(who, { upgrades: 426 })),
    ...Object.keys(PORTALS).map((who) => comes(who, {})),
    comes('holds answers back', { upgrades: 426, heldMs: (path) => (isCall(path) ? 1_200 : 0) }),
    comes('breaks answers off', { upgrades: 426 }),
    comes('changes', { upgrades: 426 }),
    comes('all of a show', { upgrades: 426 }),
    comes('patient', { idleMs: PATIENT_MS }),
    comes('impatient', { idleMs: IMPATIENT_MS }),
  ]);
  // Nobody says anything in the room of the other product.
  for (const who of ['patient', 'impatient'])
    await phoneOf(who).page.getByRole('button', { name: 'Quiet' }).tap();
});
afterEach(() => {
  expect(venue.complaints(), 'what pages complained of').toEqual([]);
  expect(through.complaints(), 'what phones complained of').toEqual([]);
});
afterAll(async () => {
  await venue.close();
  await through.close();
  between.close();
});

describe.concurrent('a phone whose network', () => {
  it.each(Object.keys(BLOCKS))('%s says that it goes by calls, and buys each tap once', async (who) => {
    const phone = phoneOf(who);
    await phone.page.getByText(BY_CALLS).waitFor();
    await phone.ready();
    await buys(phone, 2, 2);
    await shoot(phone.page, `network-${between.way(who).upgrades}`);
  });

  it('holds every answer back buys each tap once', async () => {
    const phone = phoneOf('holds answers back');
    await phone.page.getByText(BY_CALLS).waitFor();
    await phone.ready();
    await buys(phone, 3, 3);
  });

  it('breaks answers off in their middle asks again by the same key, and buys once', async () => {
    const phone = phoneOf('breaks answers off');
    const way = between.way('breaks answers off');
    await phone.page.getByText(BY_CALLS).waitFor();
    await phone.ready();
    way.breaksOff = (path) => isOrder(path) && way.orders.length <= 1;
    await buys(phone, 1, 1);
    expect(new Set(way.orders).size).toBe(1);
  });

  it('lets sockets pass after all goes back to one by itself, and takes what is open along under its key', async () => {
    const phone = phoneOf('changes');
    const way = between.way('changes');
    await phone.page.getByText(BY_CALLS).waitFor();
    await phone.ready();
    way.heldMs = (path) => (isOrder(path) ? 60_000 : 0);
    await phone.taps(1);
    await until(() => expect(way.orders).toHaveLength(1));
    way.upgrades = 'pass';
    await phone.page.evaluate(() => void dispatchEvent(new Event('online')));
    await phone.page.getByText(BY_CALLS).waitFor({ state: 'detached' });
    await has(phone, 1);
    expect(way.opened).toBe(1);
    await buys(phone, 1, 2);
    expect(way.orders, 'by the socket alone').toHaveLength(1);
    // And is blocked again in the middle of the show.
    way.upgrades = 426;
    way.heldMs = () => 0;
    way.cut();
    await phone.page.getByText(BY_CALLS).waitFor();
    await buys(phone, 1, 3);
  });
});

describe.concurrent('a phone in the room', () => {
  it.each(Object.entries(PORTALS))(
    'is told of a Wi-Fi that answers %s for everything',
    async (who, answer) => {
      const phone = phoneOf(who);
      const way = between.way(who);
      await phone.ready();
      await buys(phone, 1, 1);
      way.upgrades = 200;
      way.answers = () => answer;
      way.cut();
      await phone.page.getByText('Sign in to this Wi-Fi').waitFor();
      await phone.page.getByRole('button', { name: 'No connection' }).waitFor();
      await phone.taps(2);
      await shoot(phone.page, `network-portal-${answer.status}`);
      way.upgrades = 'pass';
      way.answers = () => null;
      await phone.ready();
      await phone.page.getByText('Sign in to this Wi-Fi').waitFor({ state: 'detached' });
      await buys(phone, 1, 2);
    },
  );

  it.each(Object.entries(PROXIES))(
    'is told what it is with %s, and goes on afterwards',
    async (who, answer) => {
      const phone = phoneOf(who);
      const way = between.way(who);
      await phone.page.getByText(BY_CALLS).waitFor();
      await phone.ready();
      // Until the tap is on its way nothing is wrong: a phone that knows of it takes none.
      way.answers = (path) => (isCall(path) && way.orders.length > 0 ? answer : null);
      await phone.taps(1);
      await phone.page.getByText(answer.words).waitFor();
      await phone.page.getByText('Nothing is bought meanwhile.').waitFor();
      expect(await boughtBy(phone)).toBe(0);
      way.answers = () => null;
      // What was tapped before anything was known of it is done now, once.
      await has(phone, 1);
      expect(await boughtBy(phone)).toBe(1);
      expect(new Set(way.orders).size).toBe(1);
    },
  );
});

describe('a show by calls alone', () => {
  it('has both lanes, what was overwritten, the hold, the reset and the end', async () => {
    const phone = phoneOf('all of a show');
    const { stage, control } = presenter;
    await phone.page.getByText(BY_CALLS).waitFor();
    await presenter.switchTo('both');
    await phone.shows('both');
    const rush = presenter.rush(50);
    await phone.taps(6);
    await rush;
    await expect.poll(async () => (await phone.tally())['on their way']).toBe(0);
    const label = await phone.label();
    const log = await readLog(presenter, SKU);
    const sum = (kind: string) =>
      log.filter((event) => event.kind === kind && 'who' in event.body && event.body.who === label).length;
    const overwritten = sum('lost') - sum('restored');
    await expect
      .poll(() => phone.tally())
      .toMatchObject({ confirmed: sum('allocated') - overwritten, overwritten });
    await stage.bringToFront();
    await stage.keyboard.press('h');
    await phone.page.getByRole('button', { name: 'Wait for it' }).waitFor();
    await stage.keyboard.press('h');
    await phone.page.getByRole('button', { name: 'Get one' }).waitFor();
    await resetFrom(ADDRESS, presenter, SKU);
    await phone.page.getByText('The presenter reset the stock.').waitFor();
    expect(await phone.tally()).toMatchObject({ confirmed: 0, overwritten: 0 });
    await phone.taps(1);
    await has(phone, 2);
    const { people, epoch } = await readState(presenter, SKU);
    expect(epoch).toBe(2);
    expect(people.phones, 'phones that come by calls are people').toBeGreaterThan(1);
    await control.getByRole('button', { name: 'End the show…' }).click();
    const question = control.getByRole('dialog', { name: 'End the show?' });
    await question.getByRole('button', { name: 'End it for everybody' }).click();
    await phone.page.getByRole('heading', { name: 'This show is over' }).waitFor();
    expect(await phone.tally()).toMatchObject({ confirmed: 2 });
  });
});

// Last: by now they have been silent for longer than their networks wait.
it('keeps a quiet socket alive where silent ones are cut', () => {
  const [patient, impatient] = [between.way('patient'), between.way('impatient')];
  expect(impatient.idled, 'this network does cut').toBeGreaterThan(0);
  expect(patient.idled).toBe(0);
});
