/** Admission: which ops are done at all, the stated order of refusals, and what the log counts of them. */
import { describe, expect, it } from 'vitest';
import { MAX_IN_FLIGHT } from '#lib/domain/admission.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import type { Host } from './host.ts';
import { ofKind, refusalsIn, Scene } from './show.ts';

/** Tokens of a participant, and the time in which one comes back, milliseconds. */
const TOKENS = 200;
const TOKEN_MS = 300;

/** Scenarios of refusals. */
export function admissionScenarios(host: Host): void {
  describe('refusals', () => {
    it('are by the first rule that applies, in the stated order, and counted by lane and code', async () => {
      const scene = await Scene.open(host, { capacity: 1, config: { guardrailAction: 'block' } });
      const [phone, other] = await scene.phones(2);
      const op = crypto.randomUUID();
      const first = await phone!.buy({ op });
      await scene.reset();
      scene.stage.send({ t: 'guardrail', action: 'trip' });
      await phone!.until(() => phone!.epoch === 2 && phone!.state?.guardrail.tripped === true);
      // Whatever applies to a new op by now, a known one is answered as it was, and to nobody else.
      expect(await phone!.buy({ op, epoch: 1 })).toEqual(first);
      const code = async (order: object, client = phone!) => {
        const answer = await client.buy(order);
        return answer.t === 'nack' ? answer.code : answer.t;
      };
      expect(await code({ op, units: 2, epoch: 1 })).toBe('IDEMPOTENCY_KEY_REUSED');
      expect(await code({ op, mode: 'eventual' })).toBe('IDEMPOTENCY_KEY_REUSED');
      expect(await code({ op }, other)).toBe('IDEMPOTENCY_KEY_REUSED');
      expect(await code({ epoch: 1, mode: 'eventual' })).toBe('STALE_EPOCH');
      expect(await code({ mode: 'eventual' })).toBe('MODE_MISMATCH');
      expect(await code({ mode: 'safe' })).toBe('GUARDRAIL_BLOCKED');
      scene.stage.send({ t: 'guardrail', action: 'clear' });
      await phone!.until(() => phone!.state?.guardrail.tripped === false);
      expect(await code({})).toBe('ack');
      expect(await phone!.buy()).toMatchObject({ lanes: { safe: { code: 'OUT_OF_STOCK' } } });
      await scene.stage.until(() => scene.lane('safe').refused.OUT_OF_STOCK === 1);
      const counted = {
        'eventual STALE_EPOCH': 1,
        'eventual MODE_MISMATCH': 1,
        'safe GUARDRAIL_BLOCKED': 1,
        'safe OUT_OF_STOCK': 1,
      };
      expect(refusalsIn((await scene.log()).events)).toEqual(counted);
      expect(scene.lane('safe').refused).toEqual({ GUARDRAIL_BLOCKED: 1, OUT_OF_STOCK: 1 });
      expect(await scene.failedChecks()).toEqual([]);
    });

    it('of a sold-out room are answered at once, and counted to the last in the log', async () => {
      const scene = await Scene.open(host, { capacity: 1 }, 'both');
      const { byCode, lanes, allocated } = await scene.rush(30, { mode: 'safe', units: 2 });
      expect([allocated, byCode, lanes]).toEqual([0, { OUT_OF_STOCK: 30 }, undefined]);
      await scene.stage.until(() => scene.lane('safe').refused.OUT_OF_STOCK === 30);
      const { events } = await scene.log();
      expect(refusalsIn(events)).toEqual({ 'safe OUT_OF_STOCK': 30 });
      expect(ofKind(events, 'refused').length).toBeLessThan(30);
    });

    it('by the lock come before anything is sold, are told once, and cost nothing real', async () => {
      const config = { billingScale: 1, demoCostLimit: 0, guardrailAction: 'block' } as const;
      const scene = await Scene.open(host, { config }, 'both');
      scene.stage.send({ t: 'guardrail', action: 'trip' });
      await scene.stage.until(() => scene.stage.state?.guardrail.tripped === true);
      const { person, phone } = await scene.guest();
      for (let tap = 0; tap < 2; tap++) {
        expect(await phone.buy()).toMatchObject({ t: 'nack', code: 'REAL_BUDGET_EXCEEDED' });
      }
      const { status, error, meta } = await scene.order(person);
      expect([status, error?.code]).toEqual([403, 'REAL_BUDGET_EXCEEDED']);
      expect(meta.ledger).toMatchObject({ locked: true, realUsd: 0, limitUsd: 0, billingScale: 1 });
      await scene.stage.until(() => PAIR.every((lane) => refusedByLock(scene, lane) === 3));
      for (const lane of PAIR) expect(scene.lane(lane)).toMatchObject({ ops: 0, acknowledged: 0 });
      const { events } = await scene.log();
      expect(ofKind(events, 'locked').map(({ body }) => [body.realUsd, body.limitUsd])).toEqual([[0, 0]]);
      expect(phone.closed).toBeNull();
      expect(await scene.failedChecks()).toEqual([]);
    });

    it('by the rate limit come after 200 taps, say when to come again, and concern nobody else', async () => {
      const config = { guardrailAction: 'block' } as const;
      const scene = await Scene.open(host, { capacity: 1, config });
      const person = await scene.show.join();
      let admitted = 0;
      let startedMs = Infinity;
      let endedMs = 0;
      let retryAfterMs = 0;
      for (let waves = 0; retryAfterMs === 0 && waves < 30; waves++) {
        const wave = await Promise.all(Array.from({ length: 20 }, () => scene.order(person)));
        for (const { status, error, meta } of wave) {
          startedMs = Math.min(startedMs, meta.timestamp);
          endedMs = Math.max(endedMs, meta.timestamp);
          // Refused by the lane it has used up a token; refused at the door it has not.
          if (status === 200 || error?.code === 'OUT_OF_STOCK') admitted += 1;
          else expect([status, error?.code]).toEqual([429, 'RATE_LIMITED']);
          retryAfterMs = Math.max(retryAfterMs, error?.retryAfterMs ?? 0);
        }
      }
      expect(admitted).toBeGreaterThanOrEqual(TOKENS);
      // The first may have been answered some time after it came, and on a slow machine a token has come back by then.
      expect(admitted).toBeLessThanOrEqual(TOKENS + 2 + Math.ceil((endedMs - startedMs) / TOKEN_MS));
      expect(retryAfterMs).toBeLessThanOrEqual(TOKEN_MS);
      expect((await scene.order(await scene.show.join())).error?.code).toBe('OUT_OF_STOCK');
      await scene.show.pass(retryAfterMs);
      expect((await scene.order(person)).error?.code).toBe('OUT_OF_STOCK');
      await scene.call('/api/demo/guardrail', { body: { skuId: 'ticket', action: 'trip' } });
      expect((await scene.order(person)).error?.code).toBe('GUARDRAIL_BLOCKED');
      await scene.stage.until(() => (scene.lane('safe').refused.RATE_LIMITED ?? 0) > 0);
    });

    it('by a busy lane come above 64 ops in flight, say when to come again, and leave the op as it was', async () => {
      const config = { raceWindowMs: 2_000 };
      const scene = await Scene.open(host, { capacity: 1_000, config }, 'eventual');
      const phones = await scene.phones(5);
      const ops = phones.flatMap((phone) =>
        Array.from({ length: 16 }, () => [phone, crypto.randomUUID()] as const),
      );
      for (const [phone, op] of ops) phone.send({ t: 'allocate', op, epoch: 1 });
      const busy = () => phones.flatMap((phone) => phone.of('nack'));
      await scene.settled(() => scene.lane('eventual').ops + busy().length === ops.length);
      expect(busy().length).toBeGreaterThan(0);
      expect(busy().every(({ code, retryAfterMs = 0 }) => code === 'BUSY' && retryAfterMs > 0)).toBe(true);
      const inFlight = scene.stage.of('frame').map(({ state }) => state.lanes.eventual?.inFlight ?? 0);
      expect(Math.max(...inFlight)).toBeLessThanOrEqual(MAX_IN_FLIGHT);
      const again = busy()[0]!.op!;
      const [phone] = ops.find(([, op]) => op === again)!;
      expect(await phone.buy({ op: again })).toMatchObject({ t: 'ack' });
      await scene.settled(() => scene.lane('eventual').refused.BUSY === busy().length);
      expect(await scene.failedChecks()).toEqual([]);
    });
  });

  describe('an op', () => {
    it('in another spelling is the same op, and is answered as it was sent', async () => {
      const scene = await Scene.open(host, {}, 'both');
      const { person, phone } = await scene.guest();
      const op = `c${crypto.randomUUID().slice(1)}`;
      const sent = op.toUpperCase();
      expect(await phone.buy({ op: sent })).toMatchObject({ t: 'ack', op: sent });
      expect(await phone.buy({ op })).toMatchObject({ t: 'ack', op });
      expect(await phone.buy({ op: sent })).toMatchObject({ t: 'ack', op: sent });
      expect((await scene.order(person, {}, sent)).data.opId).toBe(sent);
      const tooMany = crypto.randomUUID().toUpperCase();
      expect(await phone.refusalOf({ t: 'allocate', op: tooMany, epoch: 0 })).toMatchObject({ op: tooMany });
      const { holdings } = (await scene.show.connect(person)).welcome.you;
      expect(holdings.map((held) => held.op)).toEqual([sent, sent]);
      const { events } = await scene.log();
      expect(ofKind(events, 'allocated').map(({ body }) => body.op)).toEqual([op, op]);
    });

    it('of an older epoch stays known: the same op again has its first answer, and nothing is sold', async () => {
      const scene = await Scene.open(host, {}, 'both');
      const phone = await scene.phone();
      const op = crypto.randomUUID();
      const first = await phone.buy({ op });
      await scene.reset();
      await phone.until(() => phone.epoch === 2);
      expect(await phone.buy({ op, epoch: 1 })).toEqual(first);
      expect((await scene.state()).lanes.safe?.ops).toBe(0);
    });

    it('has its key in the whole show: with another product it is refused, and nothing is sold there', async () => {
      const scene = await Scene.open(host, { skuIds: ['ticket', 'seat'] });
      const person = await scene.show.join();
      const key = crypto.randomUUID();
      const first = await scene.order(person, {}, key);
      expect(first.status).toBe(200);
      const other = await scene.order(person, { skuId: 'seat' }, key.toUpperCase());
      expect([other.status, other.error?.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
      expect((await scene.order(await scene.show.join(), {}, key)).error?.code).toBe(
        'IDEMPOTENCY_KEY_REUSED',
      );
      expect((await scene.order(person, {}, key)).data).toEqual(first.data);
      expect((await scene.order(person, { skuId: 'seat' })).data.totalAllocated).toBe(1);
    });
  });
}

function refusedByLock(scene: Scene, lane: LaneId): number {
  return scene.lane(lane).refused.REAL_BUDGET_EXCEEDED ?? 0;
}
