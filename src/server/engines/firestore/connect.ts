/** Firestore as a lane uses it. Held against a stand-in that keeps its documented contract; no real database has seen it yet. */
import { EngineBusy } from '../../lanes/carry-out.ts';
import { newTally } from '../../lanes/engine-rows.ts';
import { firestoreTransaction } from '../../lanes/firestore-transaction.ts';
import { EngineDown } from '../back-off.ts';
import type { Connect } from '../engine-client.ts';
import { FirestoreApi, FirestoreFailure } from './api.ts';
import { FirestoreRows } from './rows.ts';
import { BadServiceAccount } from './token.ts';

/** The client of Firestore. */
export const connectFirestore: Connect<'firestore'> = (config, { lane }) => {
  const rows = new FirestoreRows(new FirestoreApi(config));
  return {
    rows,
    buy: () => firestoreTransaction(rows),
    forget: (key) => rows.forget(key),
    async ping() {
      await rows.readShelf({ show: '-', sku: '-', lane, epoch: 0 }, newTally());
    },
    problemOf,
  };
};

/** What Google's services answer with, as people can read it. */
const FAILURES: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'Firestore does not accept the key (FIRESTORE_KEY).',
  PERMISSION_DENIED: 'The service account may not do what the lane needs (docs/engines.md).',
  NOT_FOUND: 'The project has no Firestore database of the name (default) (FIRESTORE_PROJECT).',
  RESOURCE_EXHAUSTED: 'The quota of the Firestore project is used up.',
};

function problemOf(error: unknown): string | null {
  const reason = error instanceof EngineDown ? error.cause : error;
  if (reason instanceof BadServiceAccount) return 'FIRESTORE_KEY is not the key of a service account.';
  if (reason instanceof FirestoreFailure) {
    return FAILURES[reason.status] ?? `Firestore failed with ${reason.status}.`;
  }
  return reason instanceof EngineBusy ? null : 'Firestore cannot be reached, or does not answer.';
}
