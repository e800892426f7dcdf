/** What a room does with its sockets: the welcome, and each message by its kind. */
import { holdingsOf } from '#lib/domain/view.ts';
import type { DrillKind } from '#lib/domain/events.ts';
import { unreachable } from '#lib/domain/assert.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Up, UpOf } from '#lib/protocol/up.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/version.ts';
import { spelled } from './buying.ts';
import type { Start } from './feed.ts';
import { answerGuess, askGuess, ownGuess } from './guesses.ts';
import { say } from './inbox.ts';
import { measured, reportOf } from './measuring.ts';
import { closeMember, confirm, sendTo } from './members.ts';
import { spellingIn } from './memory.ts';
import type { Member } from './members.ts';
import type { OpenRoom } from './open-room.ts';
import type { Caller } from './port.ts';
import { control, guardrail } from './presenting.ts';
import { relay } from './relaying.ts';
import type { ResetRefusal } from './reset-limit.ts';
import { tellAnswer } from './telling.ts';

/** What a socket's messages need beside the room. */
export interface SocketHost {
  /** Resets the room if the limit of the caller's address allows it; else says why not. */
  reset(caller: Caller, key: string): Promise<ResetRefusal>;
}

/** Name of this life of the object in memory, and how many it has had. */
export interface Life {
  instance: string;
  wakes: number;
}

/** Greets a socket: who it is, what it holds, and the stream from where it stands. */
export function welcome(member: Member, room: OpenRoom, start: Start, life: Life): void {
  const { caller } = member;
  const { facts } = room.memory;
  const you = {
    id: caller.sessionId,
    label: caller.label,
    role: caller.role,
    holdings: holdingsOf(facts, caller.label).map((held) => ({
      ...held,
      op: spellingIn(room.memory, held.op),
    })),
    ...ownGuess(room.memory, caller.sessionId),
  };
  const head = JSON.stringify({
    t: 'welcome',
    v: PROTOCOL_VERSION,
    room: room.name,
    you,
    epoch: start.epoch,
    seq: start.seq,
    recovered: start.recovered,
    instance: life.instance,
    wakes: life.wakes,
    now: room.parts.now(),
  });
  // Events and state are JSON already: the feed encodes them once for everybody.
  sendTo(member, `${head.slice(0, -1)},"events":[${start.lines.join(',')}],"state":${start.stateJson}}`);
}

/** Handles one parsed message. */
export function handle(member: Member, room: OpenRoom, host: SocketHost, message: Up): void {
  if (member.caller.expiresAt <= room.parts.now() || room.barred(member.caller.sessionId)) {
    closeMember(member, CLOSE.unauthorized, 'not signed in, or expired');
    return;
  }
  switch (message.t) {
    case 'allocate':
      return allocate(member, room, message);
    case 'seen':
      confirm(member, message.seq, room.feed.toldTo(member));
      // No tap follows, so no frame is on its way that would tell the stages.
      if (message.rtt && measured(room, member, message.rtt)) room.feed.changedForStages();
      return;
    case 'recovered': {
      const { drill, waitedMs, ms, missing } = message;
      return room.recoveries.report(member, drill, { waitedMs, ms, missing });
    }
    case 'guess':
      return answerGuess(member, room, message);
    case 'control':
    case 'reset':
    case 'guardrail':
    case 'drill':
    case 'stage':
    case 'ask':
      return present(member, room, host, message);
    default:
      unreachable(message);
  }
}

function allocate(member: Member, room: OpenRoom, message: UpOf<'allocate'>): void {
  const { caller } = member;
  const { op, rttMs } = message;
  const report = message.rtt ?? (rttMs === undefined ? null : reportOf(room.memory, member, rttMs));
  if (report) measured(room, member, report);
  member.previousOp = op;
  room.buy(
    {
      op,
      ...spelled(message.sentOp),
      owner: caller.sessionId,
      label: caller.label,
      role: caller.role,
      units: message.units ?? 1,
      epoch: message.epoch,
      mode: message.mode ?? null,
      sim: false,
    },
    'socket',
    (answer) => {
      if (answer.kind === 'nack') member.rate.refused += 1;
      tellAnswer(room.parts.members, caller.label, answer);
    },
  );
}

function present(
  member: Member,
  room: OpenRoom,
  host: SocketHost,
  message: UpOf<'control' | 'reset' | 'guardrail' | 'drill' | 'stage' | 'ask'>,
): void {
  const { caller } = member;
  const op = message.t === 'reset' ? { op: message.sentOp ?? message.op } : {};
  if (caller.role !== 'presenter') {
    say(member, { t: 'nack', ...op, code: 'FORBIDDEN', message: 'Only the presenter may do this.' });
    return;
  }
  if (room.memory.facts.closed) {
    say(member, {
      t: 'nack',
      ...op,
      code: 'SHOW_ENDED',
      message: 'This show has ended. Nothing was changed.',
    });
    return;
  }
  const failed = () => {
    const words = 'The room could not store this. Nothing was changed; try again.';
    say(member, { t: 'nack', ...op, code: 'STORAGE_UNAVAILABLE', message: words });
  };
  switch (message.t) {
    case 'control': {
      const { mode, step } = message;
      const change = { ...(mode ? { mode } : {}), ...(step ? { step } : {}) };
      room.engine.submit({ run: (turn) => control(turn, caller.label, change), failed });
      return;
    }
    case 'guardrail':
      room.engine.submit({ run: (turn) => guardrail(turn, message.action), failed });
      return;
    case 'stage':
      return relay(member, room.parts.members, message);
    case 'ask':
      return ask(member, room, message, failed);
    case 'drill':
      return drill(room, message.kind, caller, failed);
    case 'reset':
      host
        .reset(caller, message.op)
        .then((refusal) => refusal && say(member, { t: 'nack', ...op, ...refusal }), failed);
      return;
    default:
      unreachable(message);
  }
}

/** A guess is opened, closed or put away; what cannot be done now is answered. */
function ask(member: Member, room: OpenRoom, message: UpOf<'ask'>, failed: () => void): void {
  room.engine.submit({
    run: (turn) => {
      if (turn.memory.facts.closed) return;
      const refusal = askGuess(turn, member.caller.label, message);
      if (refusal) turn.after(() => say(member, { t: 'nack', ...refusal }));
    },
    failed,
  });
}

/** A drill: every socket of the room is cut on purpose, the presenter's own too; or it is said who is left after a sleep. */
function drill(room: OpenRoom, kind: DrillKind, caller: Caller, failed: () => void): void {
  room.engine.submit({
    run: (turn) => {
      if (turn.memory.facts.closed) return;
      const cut = [...room.parts.members.all()];
      const { wakes } = turn.memory;
      turn.tell({ kind: 'drill', body: { kind, by: caller.label, sockets: cut.length, wakes } });
      room.recoveries.expect(kind === 'drop' ? cut.map((member) => member.caller.label) : [caller.label]);
      if (kind === 'sleep') return;
      turn.after(() => {
        for (const member of cut) closeMember(member, CLOSE.comeBack, 'drill: come back');
      });
    },
    failed,
  });
}
