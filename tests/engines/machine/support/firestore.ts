/**
 * A stand-in for Firestore, because none that is true to its transactions can be had on a machine: it keeps the documented contract of
 * what the lane asks (batchGet, commit with preconditions, runQuery over one collection; cloud.google.com/firestore/docs/reference/rest)
 * and holds the bearer to the key of its service account. What it cannot show is how often a real one aborts, and how long it takes.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

type Value = Record<string, unknown>;
interface Stored {
  fields: Record<string, Value>;
  updateTime: string;
}
interface Write {
  update?: { name: string; fields: Record<string, Value> };
  delete?: string;
  updateMask?: { fieldPaths: string[] };
  currentDocument?: { exists?: boolean; updateTime?: string };
}
interface Query {
  from: [{ collectionId: string }];
  where?: {
    compositeFilter: {
      filters: { fieldFilter: { field: { fieldPath: string }; op: string; value: Value } }[];
    };
  };
  orderBy: [{ field: { fieldPath: string } }];
  startAt?: { values: [{ referenceValue: string }] };
  limit?: number;
}

const HTTP_STATUS: Readonly<Record<string, number>> = {
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  UNAVAILABLE: 503,
};

/** Refuses a request with one of Google's statuses. */
class Refused extends Error {
  readonly status: string;

  constructor(status: string) {
    super(status);
    this.status = status;
  }
}

/** The service, on loopback. */
export class FirestoreStandIn {
  readonly #documents = new Map<string, Stored>();
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  /** What the next commits of a show are answered with, whatever they ask; one that is `lost` is done and not answered. */
  readonly #faults = new Map<string, string[]>();
  #changes = 0;

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** The key of its service account, as Google gives it; and one beside it that it does not know. */
  get key(): string {
    const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' });
    const { privateKey: other } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return JSON.stringify({
      client_email: 'lanes@test.example',
      private_key: pem(this.#keys.privateKey),
      private_key_id: 'one',
      other_key: pem(other),
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    let status = 200;
    let answer: unknown;
    try {
      answer = this.#answer(request, body);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 'lost') {
        request.socket.destroy();
        return;
      }
      status = HTTP_STATUS[error.status] ?? 500;
      answer = { error: { code: status, status: error.status, message: 'refused' } };
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #answer(request: IncomingMessage, body: unknown): unknown {
    const [path = '', method] = decodeURIComponent(request.url ?? '').split(/:(?=\w+$)/);
    if (method === 'fault') {
      const { show, next } = body as { show: string; next: string[] };
      this.#faults.set(show, next);
      return {};
    }
    this.#hold(request.headers.authorization ?? '');
    if (method === 'batchGet')
      return (body as { documents: string[] }).documents.map((name) => this.#read(name));
    if (method === 'commit') return this.#commitOnce((body as { writes: Write[] }).writes);
    if (method === 'runQuery') {
      return this.#query(path.slice('/v1/'.length), (body as { structuredQuery: Query }).structuredQuery);
    }
    throw new Refused('NOT_FOUND');
  }

  /** A token that the account's key has signed, for this service, and that has not ended. */
  #hold(authorization: string): void {
    const [head, claims, signature] = authorization.replace('Bearer ', '').split('.');
    if (!head || !claims || !signature) throw new Refused('UNAUTHENTICATED');
    const signed = Buffer.from(`${head}.${claims}`);
    if (!verify('sha256', signed, this.#keys.publicKey, Buffer.from(signature, 'base64url'))) {
      throw new Refused('UNAUTHENTICATED');
    }
    const { aud, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
      aud: string;
      exp: number;
    };
    if (aud !== 'https://firestore.googleapis.com/' || exp * 1_000 < Date.now())
      throw new Refused('UNAUTHENTICATED');
  }

  #read(name: string): unknown {
    const stored = this.#documents.get(name);
    return stored ? { found: { name, ...stored } } : { missing: name };
  }

  #commitOnce(writes: readonly Write[]): unknown {
    const written = writes[0]?.update?.name ?? '';
    const [, next] = [...this.#faults].find(([show]) => written.includes(`/${show}.`)) ?? [];
    const fault = next?.shift();
    if (fault && fault !== 'lost') throw new Refused(fault);
    for (const write of writes) this.#check(write);
    const updateTime = new Date(Date.UTC(2026, 0, 1) + ++this.#changes).toISOString();
    for (const { update, delete: deleted, updateMask } of writes) {
      if (deleted !== undefined) this.#documents.delete(deleted);
      if (!update) continue;
      const before = updateMask ? (this.#documents.get(update.name)?.fields ?? {}) : {};
      this.#documents.set(update.name, { fields: { ...before, ...update.fields }, updateTime });
    }
    if (fault === 'lost') throw new Refused('lost');
    return { writeResults: writes.map(() => ({ updateTime })), commitTime: updateTime };
  }

  #check({ update, delete: deleted, currentDocument: asked }: Write): void {
    const stored = this.#documents.get(update?.name ?? deleted ?? '');
    if (asked?.exists === false && stored) throw new Refused('ALREADY_EXISTS');
    if (asked?.exists === true && !stored) throw new Refused('NOT_FOUND');
    if (asked?.updateTime !== undefined && stored?.updateTime !== asked.updateTime) {
      throw new Refused('FAILED_PRECONDITION');
    }
  }

  #query(parent: string, { from, where, orderBy, startAt, limit = Infinity }: Query): unknown {
    const prefix = `${parent}/${from[0].collectionId}/`;
    const { fieldPath } = orderBy[0].field;
    const number = (value: Value | undefined) => Number(value?.['integerValue']);
    const filters = where?.compositeFilter.filters ?? [];
    const found = [...this.#documents]
      .filter(([name]) => name.startsWith(prefix) && !name.slice(prefix.length).includes('/'))
      .filter(([, { fields }]) =>
        filters.every(({ fieldFilter: { field, op, value } }) => {
          const [stored, asked] = [number(fields[field.fieldPath]), number(value)];
          return op === 'GREATER_THAN' ? stored > asked : stored < asked;
        }),
      )
      .sort(([a, { fields: of }], [b, { fields: to }]) => {
        if (fieldPath !== '__name__') return number(of[fieldPath]) - number(to[fieldPath]);
        return a < b ? -1 : 1;
      })
      .filter(([name]) => !startAt || name > startAt.values[0].referenceValue)
      .slice(0, limit)
      .map(([name, stored]) => ({ document: { name, ...stored } }));
    return found.length > 0 ? found : [{ readTime: new Date(0).toISOString() }];
  }
}
