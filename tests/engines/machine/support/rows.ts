/** One value in each engine, by its plainest client: written, and read again. */
import { once } from 'node:events';
import { connect } from 'node:net';
import postgres from 'postgres';
import type { EngineName } from '../../../../scripts/engines/names.mjs';

/** The Worker's variables for an engine. */
type Vars = ReadonlyMap<string, string>;
/** Stores what a test gives, or says what was stored. */
interface Rows {
  put(vars: Vars, value: string): Promise<void>;
  get(vars: Vars): Promise<string | null>;
}

/** How each engine keeps one. */
export const ROWS: Record<EngineName, Rows> = {
  postgres: {
    async put(vars, value) {
      await sql(vars, async (db) => {
        await db`CREATE TABLE IF NOT EXISTS kept (value text)`;
        await db`INSERT INTO kept VALUES (${value})`;
      });
    },
    get: (vars) => sql(vars, async (db) => (await db`SELECT value FROM kept`)[0]?.['value'] ?? null),
  },
  dynamodb: {
    async put(vars, value) {
      const key = { AttributeName: 'id', AttributeType: 'S' };
      await dynamodb(vars, 'CreateTable', {
        TableName: 'kept',
        AttributeDefinitions: [key],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      });
      await dynamodb(vars, 'PutItem', { TableName: 'kept', Item: { id: { S: 'one' }, value: { S: value } } });
    },
    async get(vars) {
      const { Item } = await dynamodb(vars, 'GetItem', { TableName: 'kept', Key: { id: { S: 'one' } } });
      return Item?.value.S ?? null;
    },
  },
  redis: {
    async put(vars, value) {
      await redis(vars, `SET kept ${value}`);
    },
    get: async (vars) => /^\$\d+\r\n(.*)\r\n$/.exec(await redis(vars, 'GET kept'))?.[1] ?? null,
  },
};

async function sql<T>(vars: Vars, work: (db: postgres.Sql) => Promise<T>): Promise<T> {
  const db = postgres(vars.get('POSTGRES_URL') ?? '', { max: 1, onnotice: () => undefined });
  try {
    return await work(db);
  } finally {
    await db.end();
  }
}

/** The emulator checks the form of a signature only. */
async function dynamodb(vars: Vars, target: string, body: unknown) {
  const answer = await fetch(vars.get('DYNAMODB_ENDPOINT') ?? '', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${target}`,
      'x-amz-date': '20261201T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20261201/local/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=00',
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return JSON.parse(text) as { Item?: { value: { S: string } } };
}

async function redis(vars: Vars, command: string): Promise<string> {
  const { hostname, port, password } = new URL(vars.get('REDIS_URL') ?? '');
  const socket = connect({ host: hostname, port: Number(port) });
  try {
    socket.write(`AUTH ${password}\r\n`);
    expectOk(await next());
    socket.write(`${command}\r\n`);
    return await next();
  } finally {
    socket.destroy();
  }

  async function next(): Promise<string> {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    return chunk.toString();
  }
}

function expectOk(answer: string): void {
  if (answer !== '+OK\r\n') throw new Error(answer);
}
