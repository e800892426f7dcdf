import { listDurableObjectIds, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { roomName, roomPath } from '#lib/protocol/paths.ts';
import { readConfig } from '#server/config.ts';
import { CALLER_HEADER } from '#server/room/room-rpc.ts';
import { encodeText } from '#server/sessions/base64url.ts';
import { forgetShow } from '#server/sessions/directory.ts';
import { signToken } from '#server/sessions/token.ts';
import { SITE, TestSite, openEnvelope } from './support/site.ts';
import { firstOf, upgrade } from './support/socket.ts';

const site = new TestSite();
const SECRET = readConfig(env).sessionSecret;

/** Names of the rooms that any object was made for. */
async function awakened(): Promise<Set<string>> {
  return new Set((await listDurableObjectIds(env.ROOM)).map((id) => id.toString()));
}

function idOf(show: string, skuId: string): string {
  return env.ROOM.idFromName(roomName(show, skuId)).toString();
}

/** A good token for a show that may not exist. */
function tokenFor(show: string, skus = ['ticket'], expiresAt = Date.now() + 60_000): Promise<string> {
  const issuedAt = Date.now() - 1_000;
  const sessionId = crypto.randomUUID();
  return signToken(SECRET, {
    sessionId,
    role: 'participant',
    show,
    label: 'calm-otter',
    skus,
    issuedAt,
    expiresAt,
  });
}

describe('a socket that may enter', () => {
  it('is welcomed by its room, by header or by cookie', async () => {
    const { show, token, sessionId } = await site.openShow();
    const byHeader = await firstOf(roomPath(show, 'ticket'), { token });
    expect(byHeader).toMatchObject({
      t: 'welcome',
      room: `${show}.ticket`,
      you: { id: sessionId, role: 'presenter' },
    });
    const headers = { cookie: `rgl_presenter=${token}`, origin: SITE };
    expect(await firstOf(roomPath(show, 'ticket'), { headers })).toMatchObject({ t: 'welcome' });
  });

  it('is the phone or the stage of one browser, as it says', async () => {
    const presenter = await site.openShow();
    const participant = await site.join(presenter.show);
    const cookie = `rgl_presenter=${presenter.token}; rgl_participant=${participant.token}`;
    const headers = { cookie, origin: SITE };
    const path = roomPath(presenter.show, 'ticket');
    expect(await firstOf(path, { headers })).toMatchObject({ you: { role: 'presenter' } });
    expect(await firstOf(`${path}?as=participant`, { headers })).toMatchObject({
      you: { role: 'participant' },
    });
  });

  it('resumes where it says that it stood', async () => {
    const { show, token } = await site.openShow();
    const path = roomPath(show, 'ticket');
    const first = (await firstOf(path, { token })) as { seq: number; epoch: number };
    const resumed = await firstOf(`${path}?epoch=${first.epoch}&since=${first.seq}`, { token });
    expect(resumed).toMatchObject({ t: 'welcome', recovered: true });
  });

  it('comes from an allowed origin as from the own one', async () => {
    const { show, token } = await site.openShow();
    const headers = { cookie: `rgl_presenter=${token}`, origin: 'https://other.example' };
    const overrides = { ALLOWED_ORIGINS: 'https://other.example' };
    expect(await firstOf(roomPath(show, 'ticket'), { headers, overrides })).toMatchObject({ t: 'welcome' });
    expect(await firstOf(roomPath(show, 'ticket'), { headers })).toBe(CLOSE.forbidden);
  });
});

describe('a socket that may not enter is closed without waking a room', () => {
  it('when nobody is signed in, or no longer', async () => {
    const show = 'NNNNNN';
    const path = roomPath(show, 'ticket');
    expect(await firstOf(path, { headers: { origin: SITE } })).toBe(CLOSE.unauthorized);
    expect(await firstOf(path, { token: 'nonsense' })).toBe(CLOSE.unauthorized);
    const expired = await tokenFor(show, ['ticket'], Date.now() - 1);
    expect(await firstOf(path, { token: expired })).toBe(CLOSE.unauthorized);
    expect(await awakened()).not.toContain(idOf(show, 'ticket'));
  });

  it('when another site, or nobody, says where it comes from', async () => {
    const { show, token } = await site.openShow();
    const path = roomPath(show, 'never');
    const cookie = `rgl_presenter=${token}`;
    expect(await firstOf(path, { headers: { cookie } })).toBe(CLOSE.forbidden);
    for (const origin of ['https://evil.example', 'null', 'https://demo.test', `${SITE}:81`]) {
      expect(await firstOf(path, { headers: { cookie, origin } })).toBe(CLOSE.forbidden);
      expect(await firstOf(path, { token, headers: { origin } })).toBe(CLOSE.forbidden);
    }
    expect(await awakened()).not.toContain(idOf(show, 'never'));
  });

  it('when its session is of another show', async () => {
    const mine = await site.openShow();
    const yours = await site.openShow({ skus: [{ id: 'other' }] });
    expect(await firstOf(roomPath(yours.show, 'other'), { token: mine.token })).toBe(CLOSE.forbidden);
    expect(await firstOf(roomPath(yours.show, 'never'), { token: mine.token })).toBe(CLOSE.forbidden);
    expect(await awakened()).not.toContain(idOf(yours.show, 'never'));
  });

  it('when the show or the SKU is unknown', async () => {
    const { show, token } = await site.openShow();
    expect(await firstOf(roomPath('UUUUUU', 'ticket'), { token: await tokenFor('UUUUUU') })).toBe(
      CLOSE.unknown,
    );
    expect(await firstOf(roomPath('UUUUUU', 'ticket'), { token })).toBe(CLOSE.unknown);
    expect(await firstOf(roomPath(show, 'never'), { token })).toBe(CLOSE.unknown);
    const ids = await awakened();
    expect(ids).not.toContain(idOf('UUUUUU', 'ticket'));
    expect(ids).not.toContain(idOf(show, 'never'));
    expect(ids).toContain(idOf(show, 'ticket'));
  });

  it('when the show is over', async () => {
    const { show, token } = await site.openShow();
    const { token: phone } = await site.join(show);
    await site.call('/api/auth/logout', { method: 'POST', token });
    expect(await firstOf(roomPath(show, 'ticket'), { token: phone })).toBe(CLOSE.ended);
  });

  it.each(['abcdef.ticket', 'ABCDE.ticket', 'ABCDEF', 'ABCDEF.', '.ticket', 'ABCDEF.a.b', 'ABCDEF.%74', ''])(
    'when no room could have the name %j',
    async (name) => {
      const before = await awakened();
      expect(await firstOf(`/parties/room/${name}`, { token: await tokenFor('ABCDEF') })).toBe(CLOSE.unknown);
      expect(await awakened()).toEqual(before);
    },
  );
});

describe('what a client sends along', () => {
  it('does not reach the room: no header, no cookie, no connection id', async () => {
    const { show, token, sessionId } = await site.openShow();
    const forged = {
      sessionId: 'forged',
      role: 'presenter',
      label: 'forged',
      expiresAt: Date.now() + 1e9,
      ipHash: 'forged',
    };
    const headers = {
      origin: SITE,
      cookie: `rgl_presenter=${token}; other=secret`,
      [CALLER_HEADER]: encodeText(JSON.stringify(forged)),
      'x-partykit-room': 'ZZZZZZ.ticket',
      'x-partykit-props': encodeText('{"forged":true}'),
      'x-partykit-namespace': 'limiter',
    };
    const path = `${roomPath(show, 'ticket')}?_pk=forged&epoch=1&since=x&more=1`;
    const requests: Request[] = [];
    const room = {
      getByName: (name: string) => ({
        fetch: (request: Request) => {
          requests.push(request.clone());
          return env.ROOM.getByName(name).fetch(request);
        },
      }),
    };
    const overrides = { ROOM: room as unknown as typeof env.ROOM };
    const welcome = await firstOf(path, { headers, overrides });
    expect(welcome).toMatchObject({ t: 'welcome', you: { id: sessionId, label: 'presenter' } });
    const [request] = requests;
    const url = new URL(request?.url ?? '');
    expect([...url.searchParams.keys()].sort()).toEqual(['_pk', 'epoch']);
    expect(url.searchParams.get('_pk')).toMatch(/^[0-9a-f-]{36}$/);
    expect([...(request?.headers.keys() ?? [])].sort()).toEqual(
      [CALLER_HEADER, 'upgrade', 'x-partykit-room'].sort(),
    );
    expect(request?.headers.get('x-partykit-room')).toBe(`${show}.ticket`);
  });

  it('never names a connection', async () => {
    const { show, token } = await site.openShow();
    const { webSocket } = await upgrade(`${roomPath(show, 'ticket')}?_pk=mine`, { token });
    webSocket?.accept();
    const tags = await runInDurableObject(env.ROOM.getByName(roomName(show, 'ticket')), (_, ctx) =>
      ctx.getWebSockets().flatMap((socket) => ctx.getTags(socket)),
    );
    expect(tags.length).toBeGreaterThan(0);
    expect(tags).not.toContain('mine');
    webSocket?.close(1000, 'seen enough');
  });
});

describe('other requests under /parties', () => {
  it.each([
    '/parties',
    '/parties/',
    '/parties/limiter/x',
    '/parties/ROOM/ABCDEF.ticket',
    '/parties/room',
    '/parties/room/ABCDEF.ticket/x',
  ])('to %s find nothing, asked by socket or not', async (path) => {
    const before = await listDurableObjectIds(env.LIMITER);
    for (const headers of [{}, { upgrade: 'websocket' }]) {
      const answer = await openEnvelope(await site.send(new Request(`${SITE}${path}`, { headers })));
      expect([answer.status, answer.error?.code]).toEqual([404, 'NOT_FOUND']);
    }
    expect(await listDurableObjectIds(env.LIMITER)).toEqual(before);
  });

  it('to a room without an upgrade are told that one is needed', async () => {
    const response = await site.send(new Request(`${SITE}/parties/room/ABCDEF.ticket`));
    expect(response.headers.get('upgrade')).toBe('websocket');
    expect((await openEnvelope(response)).status).toBe(426);
  });
});

describe('the look-up of shows', () => {
  it('asks D1 once for a thousand sockets that come back at once', async () => {
    const { show, token } = await site.openShow();
    const prepare = vi.fn((sql: string) => env.DB.prepare(sql));
    const counted = { prepare } as unknown as D1Database;
    const codes = await Promise.all(
      Array.from({ length: 1_000 }, () =>
        firstOf(roomPath(show, 'never'), { token, overrides: { DB: counted } }),
      ),
    );
    expect(new Set(codes)).toEqual(new Set([CLOSE.unknown]));
    expect(prepare).toHaveBeenCalledTimes(1);
  });

  it('lets a good token in while D1 fails, and its room tells the rest', async () => {
    const { show, token } = await site.openShow();
    const { token: phone } = await site.join(show);
    const prepare = () => {
      throw new Error('D1 is down');
    };
    const overrides = { DB: { prepare } as unknown as D1Database };
    expect(await firstOf(roomPath(show, 'ticket'), { token: phone, overrides })).toMatchObject({
      t: 'welcome',
    });
    await site.call('/api/auth/logout', { method: 'POST', token });
    forgetShow(env.DB, show);
    expect(await firstOf(roomPath(show, 'ticket'), { token: phone, overrides })).toBe(CLOSE.ended);
  });
});
