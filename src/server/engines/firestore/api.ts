/**
 * Firestore's REST API: reads, queries, and commits of several writes that are done together or not at all. A refusal that is
 * certain to have changed nothing is a value; whatever leaves that open is thrown.
 */
import * as v from 'valibot';
import type { Tally } from '../../lanes/engine-rows.ts';
import { BackOff } from '../back-off.ts';
import type { EnginesConfig } from '../engine-config.ts';
import { Slots } from '../slots.ts';
import { TokenSigner } from './token.ts';

/** How Firestore is reached. */
export type FirestoreConfig = NonNullable<EnginesConfig['firestore']>;

/** A value as Firestore writes it. Whole numbers are texts. */
export type Value = { integerValue: string } | { stringValue: string } | { booleanValue: boolean };
/** The fields of a document. */
export type Fields = Record<string, Value>;

/** A document as it stood when it was read. */
export interface Document {
  name: string;
  fields: Record<string, string | number | boolean>;
  /** Names this very state of it. */
  updateTime: string;
}

/** A write of a commit, and what has to be so for all of them to be done. */
export type Write = (
  { update: { name: string; fields: Fields }; updateMask?: { fieldPaths: string[] } } | { delete: string }
) & { currentDocument?: { exists: boolean } | { updateTime: string } };

/** Why a commit was not done, as far as a lane does something about it. */
const REFUSALS = ['ABORTED', 'FAILED_PRECONDITION', 'ALREADY_EXISTS', 'NOT_FOUND'] as const;
type Refusal = (typeof REFUSALS)[number];
/** What became of a commit: none of its writes was done where it is not all of them. */
export type Committed = 'done' | Refusal;

/** Firestore said that it failed, or that it does not do this. */
export class FirestoreFailure extends Error {
  override readonly name = 'FirestoreFailure';
  readonly status: string;

  /** @param status Google's name for it, such as `PERMISSION_DENIED` */
  constructor(status: string, message: string) {
    super(`${status}: ${message}`);
    this.status = status;
  }
}

/** Longest wait for one answer, milliseconds. */
const ANSWER_WITHIN_MS = 8_000;

const value = v.union([
  v.pipe(
    v.object({ integerValue: v.string() }),
    v.transform(({ integerValue }) => Number(integerValue)),
    v.safeInteger(),
  ),
  v.pipe(
    v.object({ stringValue: v.string() }),
    v.transform(({ stringValue }) => stringValue),
  ),
  v.pipe(
    v.object({ booleanValue: v.boolean() }),
    v.transform(({ booleanValue }) => booleanValue),
  ),
]);
const document = v.object({
  name: v.string(),
  fields: v.optional(v.record(v.string(), value), {}),
  updateTime: v.string(),
});
const read = v.array(v.object({ found: v.optional(document) }));
const queried = v.array(v.object({ document: v.optional(document) }));
const failure = v.object({ error: v.object({ status: v.string(), message: v.optional(v.string(), '') }) });

/** The API for one database. */
export class FirestoreApi {
  /** What the names of all documents begin with. */
  readonly documents: string;
  readonly #address: string;
  readonly #signer: TokenSigner;
  readonly #slots = new Slots();
  readonly #backOff = new BackOff();

  constructor({ project, key, endpoint }: FirestoreConfig) {
    this.documents = `projects/${project}/databases/(default)/documents`;
    this.#address = `${endpoint}/v1/`;
    this.#signer = new TokenSigner(key);
  }

  /** Reads one document as it stands now; null when there is none. */
  async read(name: string, tally: Tally): Promise<Document | null> {
    const answer = await this.#done(`${this.documents}:batchGet`, { documents: [name] }, tally);
    return v.parse(read, answer).find(({ found }) => found)?.found ?? null;
  }

  /** The documents of a collection that a query selects. */
  async query(parent: string, structuredQuery: object, tally: Tally): Promise<Document[]> {
    const answer = await this.#done(`${parent}:runQuery`, { structuredQuery }, tally);
    return v.parse(queried, answer).flatMap(({ document: found }) => found ?? []);
  }

  /** Does all of the writes or none. */
  async commit(writes: readonly Write[], tally: Tally): Promise<Committed> {
    const { said } = await this.#post(`${this.documents}:commit`, { writes }, tally);
    return said ?? 'done';
  }

  async #done(path: string, body: object, tally: Tally): Promise<unknown> {
    const { answer, said } = await this.#post(path, body, tally);
    if (said) throw new FirestoreFailure(said, path);
    return answer;
  }

  #post(path: string, body: object, tally: Tally): Promise<{ answer: unknown; said: Refusal | null }> {
    return this.#slots.use(async () => {
      this.#backOff.check();
      const { isDone, answer } = await this.#fetched(path, body, tally);
      if (isDone) return { answer, said: null };
      const told = v.safeParse(failure, Array.isArray(answer) ? answer[0] : answer);
      const { status, message } = told.success ? told.output.error : { status: 'UNKNOWN', message: '' };
      const said = REFUSALS.find((each) => each === status);
      if (said) return { answer, said };
      throw new FirestoreFailure(status, message);
    });
  }

  async #fetched(path: string, body: object, tally: Tally): Promise<{ isDone: boolean; answer: unknown }> {
    const token = await this.#signer.token(Date.now());
    tally.roundTrips += 1;
    try {
      const response = await fetch(this.#address + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const answer: unknown = await response.json();
      this.#backOff.served();
      return { isDone: response.ok, answer };
    } catch (error) {
      this.#backOff.failed(error);
      throw error;
    }
  }
}

/** Values as fields. */
export function fieldsOf(values: Record<string, string | number | boolean>): Fields {
  return Object.fromEntries(Object.entries(values).map(([name, each]) => [name, valueOf(each)]));
}

/** One value. */
export function valueOf(each: string | number | boolean): Value {
  if (typeof each === 'string') return { stringValue: each };
  return typeof each === 'number' ? { integerValue: String(each) } : { booleanValue: each };
}
