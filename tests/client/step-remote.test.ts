import { expect, test } from 'vitest';
import type { Api } from '#lib/client/api.ts';
import { StepRemote } from '#lib/client/step-remote.ts';

/** A room that confirms a step only when told to, and an API that notes what it was asked. */
function stage({ connected = true, others = [] as string[] } = {}) {
  const sent: number[] = [];
  const http: unknown[] = [];
  let step = 3;
  const api = { control: (change: unknown) => http.push(change) } as unknown as Api;
  const room = {
    control: (change: { step: number }) => {
      if (connected) sent.push(change.step);
      return connected;
    },
    step: () => step,
  };
  const confirm = (confirmed: number) => (step = confirmed);
  return { remote: new StepRemote(room, api, others), sent, http, confirm };
}

test('two quick presses are two steps, also before the room confirmed the first', () => {
  const { remote, sent, confirm } = stage();
  remote.move(1);
  remote.move(1);
  confirm(5);
  remote.move(-1);
  expect(sent).toEqual([4, 5, 4]);
});

test('somebody else’s turn of the page counts: the next press goes on from there', () => {
  const { remote, sent, confirm } = stage();
  remote.move(1);
  confirm(1);
  remote.move(1);
  expect(sent).toEqual([4, 2]);
});

test('the script has a first and a last page', () => {
  const { remote, sent, confirm } = stage();
  confirm(6);
  remote.move(1);
  confirm(1);
  remote.move(-1);
  expect(sent).toEqual([6, 1]);
});

test('every room of the show turns to the same page', () => {
  const { remote, http } = stage({ others: ['hoodie', 'poster'] });
  remote.move(1);
  expect(http).toEqual([
    { skuId: 'hoodie', step: 4 },
    { skuId: 'poster', step: 4 },
  ]);
});

test('without a connection nothing is changed, anywhere, and the presenter is told', () => {
  const { remote, sent, http } = stage({ connected: false, others: ['hoodie'] });
  expect(remote.move(1)).toBe(false);
  expect([sent, http]).toEqual([[], []]);
});
