/** Attacks of a page of another origin in a real browser, with the visitor's own cookies. */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { OtherOrigin } from './support/other-origin.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { readState } from './support/truth.ts';
import { Venue } from './support/venue.ts';

const SKU = 'seat';
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

describe("a page of another origin, with the visitor's own cookies", () => {
  /** What a hostile page gets when it tries everything, in the browser of a presenter who is also signed in here. */
  async function attack() {
    const page = await presenter.context.newPage();
    await page.goto(hostile.url);
    const [address, code] = [venue.url, presenter.code];
    const result = await page.evaluate(
      async ([address, code, skuId]) => {
        const socket = await new Promise<number | string>((resolve) => {
          const opened = new WebSocket(`${address.replace('http', 'ws')}/parties/room/${code}.${skuId}`);
          opened.onmessage = ({ data }) => resolve(String(data));
          opened.onclose = ({ code }) => resolve(code);
        });
        const read = async (path: string, init: RequestInit) => {
          try {
            const answer = await fetch(`${address}${path}`, { credentials: 'include', ...init });
            return answer.type === 'opaque' ? 'opaque' : await answer.text();
          } catch {
            return 'blocked';
          }
        };
        const body = JSON.stringify({ skuId, mode: 'both', step: 5, action: 'trip', count: 5 });
        const json = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
        const simple = { method: 'POST', body, mode: 'no-cors' } as const;
        const answers: string[] = [];
        for (const path of [
          '/api/auth/me',
          `/api/demo/state?skuId=${skuId}`,
          `/api/demo/log?skuId=${skuId}`,
        ]) {
          answers.push(await read(path, {}), await read(path, { mode: 'no-cors' }));
        }
        for (const name of ['demo/control', 'demo/reset', 'demo/guardrail', 'demo/rush', 'auth/logout']) {
          answers.push(await read(`/api/${name}`, json), await read(`/api/${name}`, simple));
        }
        return { socket, answers };
      },
      [address, code, SKU] as const,
    );
    await page.close();
    return result;
  }

  it('opens no socket, reads no answer and changes nothing', async () => {
    const cookies = await presenter.context.cookies(hostile.url);
    expect(
      cookies.map(({ name }) => name),
      'the cookie does come along',
    ).toContain(`rgl_presenter_${inject('host').port}`);
    const before = await readState(presenter, SKU);
    const { socket, answers } = await attack();
    expect(socket).toBe(4403);
    expect(answers.filter((answer) => answer !== 'blocked' && answer !== 'opaque')).toEqual([]);
    const after = await readState(presenter, SKU);
    expect({ ...after, ledger: null }).toMatchObject({
      epoch: before.epoch,
      mode: before.mode,
      step: before.step,
      guardrail: { tripped: false },
    });
    expect(after.lanes).toMatchObject({ safe: { acknowledged: before.lanes.safe?.acknowledged } });
    await presenter.stage.getByText('● live').waitFor();
  });

  it('cannot read the cookies of a session by script', async () => {
    for (const page of [presenter.control, presenter.stage, phone.page]) {
      expect(await page.evaluate(() => document.cookie)).not.toContain('rgl_');
    }
    const cookies = await presenter.context.cookies();
    const sessions = cookies.filter(({ name }) => name.startsWith('rgl_'));
    expect(sessions.length).toBeGreaterThan(0);
    for (const cookie of sessions) expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
    for (const { name } of cookies) expect(name).toMatch(/^(rgl_|language$|stage-)/);
  });
});
