import { expect, test } from 'vitest';
import type { StageWords } from '#lib/client/stage-link.ts';
import { SILENT_AFTER_MS, StageLink } from '#lib/client/stage-link.ts';
import { FakeTime } from './support/fake-time.ts';

const SKUS = ['ticket', 'hoodie'];

function memory(): Storage {
  const map = new Map<string, string>();
  return {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  } as unknown as Storage;
}

/** Devices of one presenter, each in a browser of its own, in one room that hands on what it hears. */
function show() {
  const time = new FakeTime();
  const ends: StageLink[] = [];
  const heard: StageWords[] = [];
  const device = (isStage: boolean, store = memory()) => {
    const link = new StageLink({
      show: 'K7QM2P',
      isStage,
      skuIds: SKUS,
      store,
      channel: { postMessage: () => {}, onmessage: null, close: () => {} },
      later: time.later,
    });
    link.goThrough((words) => {
      heard.push(words);
      for (const other of ends) if (other !== link) other.hear(words);
      return true;
    });
    ends.push(link);
    link.arrived();
    return link;
  };
  return { time, device, heard };
}

test('a phone blanks the stage of another browser, and shows that it is blank because the stage says so', () => {
  const { device } = show();
  const stage = device(true);
  const phone = device(false);
  phone.set({ blank: true });
  expect(stage.settings.blank).toBe(true);
  expect(phone.settings.blank).toBe(true);
  expect(phone.answer).toBe('answers');
});

test('what the stage does by its own keys every remote shows', () => {
  const { device } = show();
  const [stage, phone, laptop] = [device(true), device(false), device(false)];
  stage.set({ code: 'full' });
  expect([phone.settings.code, laptop.settings.code]).toEqual(['full', 'full']);
});

test('a remote that comes late, or whose room slept, is told how the stage stands', () => {
  const { device } = show();
  const stage = device(true);
  stage.set({ code: 'hidden', blank: true, skuId: 'hoodie' });
  const phone = device(false);
  expect(phone.settings).toEqual({ code: 'hidden', blank: true, skuId: 'hoodie' });
});

test('without a stage a remote changes nothing on its screen and says that none answers; one that comes mends it', () => {
  const { device, time } = show();
  const phone = device(false);
  phone.set({ blank: true });
  expect(phone.settings.blank).toBe(false);
  expect(phone.answer).toBe('asked');
  time.pass(SILENT_AFTER_MS);
  expect(phone.answer).toBe('silent');
  device(true);
  expect(phone.answer).toBe('answers');
  time.pass(2 * SILENT_AFTER_MS);
  expect(phone.answer).toBe('answers');
});

test('a remote switches its product by itself, the stage follows, and an unknown one is not understood', () => {
  const { device } = show();
  const [stage, phone] = [device(true), device(false)];
  phone.set({ skuId: 'hoodie' });
  expect([stage.settings.skuId, phone.settings.skuId]).toEqual(['hoodie', 'hoodie']);
  stage.hear({ sku: 'yacht' });
  expect(stage.settings.skuId).toBe('hoodie');
});

test('a second stage that opens does not hand its defaults to the first, and follows the next press', () => {
  const { device } = show();
  const first = device(true);
  first.set({ code: 'hidden' });
  const second = device(true);
  expect(first.settings.code).toBe('hidden');
  first.set({ blank: true });
  expect(second.settings.blank).toBe(true);
});

test('screens never talk in circles: a press is answered once by each stage', () => {
  const { device, heard } = show();
  device(true);
  device(true);
  const phone = device(false);
  device(false);
  heard.length = 0;
  phone.set({ blank: true });
  expect(heard).toHaveLength(3);
});

test('a reloaded stage keeps its product and its code, and is lit', () => {
  const { device } = show();
  const store = memory();
  const stage = device(true, store);
  stage.set({ skuId: 'hoodie', code: 'hidden', blank: true });
  expect(device(true, store).settings).toEqual({ skuId: 'hoodie', code: 'hidden', blank: false });
});

test.each([null, 7, 'blank', { code: 'huge' }, { is: false }, { blank: 'yes' }])(
  'a page of another version is not misunderstood: %j',
  (said) => {
    const { device } = show();
    const stage = device(true);
    const before = stage.settings;
    stage.hearBrowser(said);
    expect(stage.settings).toBe(before);
  },
);

test.each(['', 'null', '{', '{"skuId":3,"code":"corner"}', '{"skuId":"ticket","codeHidden":true}'])(
  'what an older page kept does no harm: %s',
  (kept) => {
    const { device } = show();
    const store = memory();
    store.setItem('rgl.stage.K7QM2P', kept);
    expect(device(true, store).settings).toEqual({ skuId: null, code: 'corner', blank: false });
  },
);
