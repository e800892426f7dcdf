/** The scene of a lost update on the stage, read as the room reads it, and held against the log. */
import { expect } from 'vitest';
import type { Page } from 'playwright-core';
import type { AllocatedBody, RoomEvent } from '#lib/domain/events.ts';
import type { Write } from '#lib/domain/write.ts';

const SHARED =
  /^(?:Two taps of (?<alone>\S+)|(?<a>\S+) and (?<b>\S+)) both read (?<read>[\d,]+)\. (?:Both wrote (?<both>[\d,]+)\.|\S+ wrote (?<first>[\d,]+), then .+ wrote (?<second>[\d,]+) over it\.) (?<gone>.*)$/;
const UNSEEN =
  /^(?<a>\S+) wrote (?<first>[\d,]+)\. (?:Another tap of (?<alone>\S+)|(?<b>\S+)) had not seen that, and wrote (?<second>[\d,]+) over it\. (?<gone>.*)$/;
const GONE = /^(?:(?<one>One sale)(?: of [\d,]+)?|(?<many>[\d,]+) sales) vanished/;

/** Goes to the end of the slow motion, where all that happened stands. */
export async function endOfMotion(stage: Page): Promise<void> {
  const slider = stage.locator('dialog[open]').getByRole('slider');
  await slider.press('End');
  await expect.poll(() => slider.evaluate((input: HTMLInputElement) => input.value === input.max)).toBe(true);
}

/**
 * What the scene says, all of it a fact of the log: fails when one is not. Returns the two names, the one whose sale vanished
 * first.
 */
export async function lostOnStage(stage: Page, log: readonly RoomEvent[]): Promise<[string, string]> {
  const scene = stage.locator('dialog[open] .scene');
  const sentence = (await scene.locator('h2').innerText()).replace(/\s+/g, ' ').trim();
  const said = (SHARED.exec(sentence) ?? UNSEEN.exec(sentence))?.groups;
  if (!said) throw new Error(`no sentence of a lost update: ${sentence}`);
  const number = (text: string | undefined) => Number(text?.replaceAll(',', ''));
  const [a, b] = [said['a'] ?? said['alone']!, said['b'] ?? said['alone']!];
  const [first, second] = [number(said['both'] ?? said['first']), number(said['both'] ?? said['second'])];

  const writes = new Map(
    log.flatMap(({ epoch, kind, body }) =>
      kind === 'allocated' && isTimed(body) ? [[`${epoch} ${body.op}`, body] as const] : [],
    ),
  );
  const figures = (await scene.locator('.figure > span').allInnerTexts()).map(number);
  const times = (await scene.locator('.picture small').allInnerTexts()).map((text) =>
    number(/([\d,]+) ms/.exec(text)?.[1]),
  );
  const pairs = log.flatMap((event) => {
    if (event.kind !== 'lost' || event.body.who !== a || event.body.byWho !== b) return [];
    const [erased, by] = [event.body.op, event.body.by].map((op) => writes.get(`${event.epoch} ${op}`));
    if (!erased || !by) return [];
    const { version, lane } = event.body;
    const others = log.filter(
      ({ epoch, kind, body }) =>
        kind === 'lost' &&
        epoch === event.epoch &&
        'version' in body &&
        body.lane === lane &&
        body.version === version,
    );
    const startMs = Math.min(erased.readAtMs, by.readAtMs, erased.wroteAtMs, by.wroteAtMs);
    const isShared = erased.parentVersion === by.parentVersion;
    return [
      {
        read: isShared ? erased.readAllocated : null,
        wrote: [erased.wroteAllocated, by.wroteAllocated],
        figures: [
          ...(isShared ? [by.readAllocated] : [erased.readAllocated, by.readAllocated]),
          erased.wroteAllocated,
          by.wroteAllocated,
        ],
        times: [erased.readAtMs, erased.wroteAtMs, by.readAtMs, by.wroteAtMs].map((ms) => ms - startMs),
        lost: others.length,
      },
    ];
  });
  const gone = GONE.exec(said['gone'] ?? '')?.groups;
  expect(pairs, `${sentence}, by the log`).toContainEqual({
    read: said['read'] === undefined ? null : number(said['read']),
    wrote: [first, second],
    figures,
    times,
    lost: gone?.['one'] ? 1 : number(gone?.['many']),
  });
  return [a, b];
}

function isTimed(
  body: AllocatedBody,
): body is AllocatedBody & Write & { readAtMs: number; wroteAtMs: number } {
  return body.parentVersion !== undefined && body.readAtMs !== undefined && body.wroteAtMs !== undefined;
}
