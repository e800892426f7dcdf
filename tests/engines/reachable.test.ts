/** The engines of this machine, as the Worker's own runtime reaches them. */
import { connect } from 'cloudflare:sockets';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { DISTANCES_MS } from '#lib/domain/engines.ts';

interface Local {
  label: string;
  ports: Record<string, number>;
}
type Engine = 'postgres' | 'dynamodb' | 'redis';

const running = Object.entries(JSON.parse(env.LOCAL_ENGINES ?? '{}') as Record<Engine, Local>) as [
  Engine,
  Local,
][];

/** The shortest question that each answers before anybody has signed in, and how the answer begins. */
const QUESTIONS: Record<Engine, { ask: Uint8Array | string; answer: RegExp }> = {
  // Is there TLS? No.
  postgres: { ask: new Uint8Array([0, 0, 0, 8, 4, 210, 22, 47]), answer: /^N$/ },
  dynamodb: { ask: 'GET / HTTP/1.1\r\nHost: dynamodb\r\n\r\n', answer: /^HTTP\/1\.1 200/ },
  // A password is needed.
  redis: { ask: 'PING\r\n', answer: /^-NOAUTH/ },
};

it('an engine is what it is called: only DynamoDB is an emulator', () => {
  for (const [name, { label }] of running)
    expect(label).toBe(name === 'dynamodb' ? 'EMULATOR' : 'REAL ENGINE');
});

describe.each(running)('%s', (name, { ports }) => {
  it.each(DISTANCES_MS)('answers, and takes a round trip of %i ms for it', async (ms) => {
    const port = ports[ms];
    if (port === undefined) throw new Error('no port');
    const { ask, answer } = QUESTIONS[name];
    const began = performance.now();
    const socket = connect({ hostname: '127.0.0.1', port });
    await socket.opened;
    const [writer, reader] = [socket.writable.getWriter(), socket.readable.getReader()];
    await writer.write(typeof ask === 'string' ? new TextEncoder().encode(ask) : ask);
    const { value } = await reader.read();
    const took = performance.now() - began;
    expect(new TextDecoder().decode(value as Uint8Array)).toMatch(answer);
    // Connecting is a round trip as well, and is paid with the first question. The runtime's clock has whole milliseconds.
    expect(took).toBeGreaterThanOrEqual(2 * ms - 1);
    await socket.close();
  });
});
