/** Group commit: who waits for whom, and for how long. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { GroupCommit } from '#lib/room/group-commit.ts';
import type { Transaction } from '#lib/room/transaction.ts';
import { inRoom, until } from './support/inner-room.ts';

it('a message that comes commits what has waited too long for a commit that is not durable yet, and nobody is told before it is', () =>
  inRoom({}, async ({ room, tables }) => {
    let clockMs = 0;
    const stores: (() => void)[] = [];
    const answered: string[] = [];
    const told: Transaction[] = [];
    // Durable when the test says so: a room that is flooded does not get to hear of it.
    const durable = () => new Promise<void>((resolve) => stores.push(resolve));
    const commits = new GroupCommit({
      ports: {
        tables,
        durability: { durable, wait: (ms) => scheduler.wait(ms) },
        sha256: (text) => createHash('sha256').update(text).digest('hex'),
        now: () => clockMs,
      },
      memory: room.memory,
      reload: () => undefined,
      closes: () => undefined,
      stored: () => undefined,
      told: (tx) => told.push(tx),
      failed: (error) => {
        throw error;
      },
    });
    const come = (name: string, atMs: number) => {
      clockMs = atMs;
      commits.submit({
        run: (tx) => {
          tx.saveFully();
          tx.after(() => answered.push(name));
        },
        failed: (error) => {
          throw error;
        },
      });
    };
    come('first', 0);
    expect(answered).toEqual(['first']);
    come('second', 10);
    come('third', 59);
    expect(answered).toEqual(['first']);
    come('fourth', 60);
    expect(answered).toEqual(['first', 'second', 'third', 'fourth']);
    expect(told).toHaveLength(0);
    stores[0]?.();
    await until(() => stores.length === 2);
    expect(told).toHaveLength(1);
    stores[1]?.();
    await until(() => told.length === 2);
  }));
