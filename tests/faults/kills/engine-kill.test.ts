/**
 * Engines that die or fall silent under a room that sells in all of them: ops are pending and then settled by the engine's own rows,
 * nothing is lost or done twice, and the lanes of others go on.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LaneId } from '#lib/domain/lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import { between } from '../support/chance.ts';
import { allAnswered, join, openShow, setMode, stageOf } from '../support/crowd.ts';
import type { Show } from '../support/crowd.ts';
import type { Phone } from '../support/phone.ts';
import { figures, LONG, seeded } from '../support/run.ts';
import { until } from '../support/until.ts';
import { readLog, readState } from '../support/verdict.ts';
import { EngineHost } from '../support/engine-host.ts';

const SKU = 'ticket';
const KILLS = LONG ? 10 : 1;
/** As many ops as a lane may have under way in a room. */
const UNDER_WAY = 64;
/** A tap's ops reach the engines within this, milliseconds: kills fall into it. */
const KILLED_WITHIN_MS = 60;
/** Longer than any request may take, so that all connections are given up meanwhile, milliseconds. */
const SILENT_MS = LONG ? 80_000 : 15_000;
const SETTLED_WITHIN_MS = 60_000;

let folder = '';
let host: EngineHost;
beforeAll(async () => {
  folder = mkdtempSync(pathOf(tmpdir(), 'revenue-guard-engines-'));
  host = await EngineHost.open(folder);
  for (const missing of host.missing) console.log(`not run: killing ${missing}`);
});
afterAll(async () => {
  await host?.end();
  rmSync(folder, { recursive: true, force: true });
});

/** A contest of the safe lane and these, with people in it. */
async function contest(lanes: readonly LaneId[]): Promise<{ show: Show; phones: Phone[]; stage: Phone }> {
  const { known } = host;
  const { url, debugToken } = known.host;
  const show = await openShow({ url, debugToken, folder: known.folder }, [SKU], undefined, [
    'safe',
    ...lanes,
  ]);
  await setMode(show, SKU, 'contest');
  const [phones, stage] = [await join(show, SKU, UNDER_WAY), stageOf(show, SKU)];
  await Promise.all([stage, ...phones].map((client) => client.connect()));
  return { show, phones, stage };
}

/** Every op was done once on every lane, as the phones were told, as the audit recounts it, and as the log tells it. */
async function expectExact(show: Show, phones: readonly Phone[], lanes: readonly LaneId[]): Promise<number> {
  await allAnswered(phones, SETTLED_WITHIN_MS);
  expect(phones.flatMap(({ broken }) => broken)).toEqual([]);
  const told = phones.flatMap((phone) => phone.granted());
  const { lanes: counters } = await readState(show, SKU);
  const log = await readLog(show, SKU);
  for (const lane of lanes) {
    const ops = told.filter((grant) => grant.lane === lane).map(({ op }) => op);
    const logged = log.filter(({ kind, body }) => kind === 'allocated' && body['lane'] === lane);
    expect([lane, ofLane(counters, lane).ops, ofLane(counters, lane).inFlight]).toEqual([
      lane,
      ops.length,
      0,
    ]);
    expect(logged.map(({ body }) => body['op']).sort()).toEqual(ops.sort());
    expect(new Set(ops).size).toBe(ops.length);
  }
  const audit = (await show.site.call(`/demo/audit?skuId=${SKU}`, { token: show.token })) as AuditResult;
  expect(audit.checks.filter(({ ok }) => !ok)).toEqual([]);
  return told.length;
}

it(`does every op once on every lane, over ${KILLS} kills of each engine with ${UNDER_WAY} ops under way`, async ({
  skip,
}) => {
  if (host.names.length === 0) skip();
  const random = seeded('engine kills');
  const lanes = host.lanes();
  const { show, phones, stage } = await contest(lanes);
  const settledMs: number[] = [];
  for (const name of host.names) {
    for (let kill = 0; kill < KILLS; kill += 1) {
      for (const phone of phones) phone.tap();
      await pause(between(random, 0, KILLED_WITHIN_MS));
      host.kill(name);
      const killedMs = performance.now();
      await allAnswered(phones, SETTLED_WITHIN_MS);
      settledMs.push(performance.now() - killedMs);
    }
  }
  const pending = phones.reduce((sum, { pendingAnswers }) => sum + pendingAnswers, 0);
  const told = await expectExact(show, phones, ['safe', ...lanes]);
  figures('engine kills', { engines: host.names.join(', '), told, pending, settledMs });
  for (const client of [stage, ...phones]) client.close();
});

it(`goes on while every engine is silent for ${SILENT_MS / 1_000} s, and settles what was pending`, async ({
  skip,
}) => {
  if (host.names.length === 0) skip();
  const lanes = host.lanes();
  const { show, phones, stage } = await contest(lanes);
  for (const phone of phones) phone.tap();
  await allAnswered(phones, SETTLED_WITHIN_MS);
  host.silence(true);
  const beganMs = performance.now();
  for (const phone of phones) phone.tap();
  // Lanes that are known are told, and the others of the tap are pending.
  const open = () => phones.flatMap(({ outbox }) => [...outbox.values()]);
  await until(
    () => open().length === phones.length && open().every(({ pending }) => pending),
    SETTLED_WITHIN_MS,
    () => `${open().filter(({ pending }) => !pending).length} phones have heard nothing`,
  );
  await setMode(show, SKU, 'safe');
  await until(
    () => stage.stream.state?.mode === 'safe',
    SETTLED_WITHIN_MS,
    () => 'the mode did not change',
  );
  const [other] = await join(show, SKU, 1);
  await other!.connect();
  const { lanes: answered } = await other!.buy();
  expect(answered.safe?.status).toBe('allocated');
  await pause(SILENT_MS - (performance.now() - beganMs));
  host.silence(false);
  const answersMs = await allAnswered(phones, SETTLED_WITHIN_MS);
  const told = await expectExact(show, [...phones, other!], ['safe', ...lanes]);
  figures('silent engines', { told, settledAfterMs: answersMs });
  for (const client of [stage, other!, ...phones]) client.close();
});
