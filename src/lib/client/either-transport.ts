/**
 * A socket where the network lets one pass, plain calls where it does not. It begins with calls, because it is made when a socket
 * could not be had; beside them a socket is tried now and then, and carries from its welcome on. Where that is lost again and
 * stays away, calls go on. Ops that are open at a change are asked about again by the new way, under their op ids.
 */
import type { Down } from '#lib/protocol/down.ts';
import type { Up } from '#lib/protocol/up.ts';
import type { CallNeeds } from './call-transport.ts';
import { CallTransport } from './call-transport.ts';
import { LOOK_AFTER_MS } from './network.ts';
import type { Cancel } from './surroundings.ts';
import type { Connect, ResumePoint, Transport, TransportStatus } from './transport.ts';

/** Between two tries to get a socket, milliseconds: a network seldom changes its mind, and each try is a request. */
export const TRY_EVERY_MS = 30_000;
/** How long a try may take, milliseconds: as long as any socket's attempt. */
const TRIED_WITHIN_MS = 15_000;
/** Without its socket for so long it goes back to calls, milliseconds. */
const GONE_AFTER_MS = LOOK_AFTER_MS;

/** What it needs. */
export interface EitherNeeds extends CallNeeds {
  socket: Connect;
}

/** A maker of such transports. */
export function eitherTransport(needs: EitherNeeds): Connect {
  return (resume) => new EitherTransport(needs, resume);
}

class EitherTransport implements Transport {
  #tellStatus: (status: TransportStatus) => void = () => {};
  #tellMessage: (message: Down) => void = () => {};
  #status: TransportStatus = { kind: 'connecting' };
  /** What carries now. */
  #carrier: Transport;
  #isByCalls = true;
  /** A socket that is tried beside the calls, and what gives it up. */
  #giveUp: (() => void) | null = null;
  #cancelTry: Cancel | null = null;
  #cancelGone: Cancel | null = null;
  readonly #needs: EitherNeeds;
  readonly #resume: () => ResumePoint | null;
  readonly #forgetPage: () => void;

  constructor(needs: EitherNeeds, resume: () => ResumePoint | null) {
    this.#needs = needs;
    this.#resume = resume;
    this.#forgetPage = needs.page.onWake(() => {
      if (needs.page.isVisible()) this.#try();
    });
    this.#carrier = this.#goByCalls();
  }

  send(message: Up): boolean {
    return this.#carrier.send(message);
  }

  close(): void {
    this.#forgetPage();
    this.#isByCalls = false;
    this.#giveUp?.();
    this.#cancelTry?.();
    this.#stay();
    this.#carrier.close();
  }

  onMessage(receive: (message: Down) => void): void {
    this.#tellMessage = receive;
  }

  onStatus(receive: (status: TransportStatus) => void): void {
    this.#tellStatus = receive;
    receive(this.#status);
  }

  reconnect(): void {
    this.#carrier.reconnect();
  }

  reach(then?: (isAlive: boolean) => void): void {
    if (this.#carrier.reach) this.#carrier.reach(then);
    else then?.(this.#status.kind === 'open');
  }

  #goByCalls(): Transport {
    this.#isByCalls = true;
    const calls = this.#listen(new CallTransport(this.#needs, this.#resume));
    this.#try();
    return calls;
  }

  #listen(transport: Transport): Transport {
    transport.onMessage((message) => {
      this.#stay();
      this.#tellMessage(message);
    });
    transport.onStatus((status) => this.#heard(status));
    return transport;
  }

  #heard(status: TransportStatus): void {
    const wasOpen = this.#status.kind === 'open';
    this.#status = status;
    this.#tellStatus(status);
    if (this.#isByCalls) {
      // The network is back, perhaps another one: it may let a socket pass.
      if (status.kind === 'open' && !wasOpen) this.#try();
    } else if (status.kind === 'closed') this.#stay();
    else if (status.kind !== 'open') {
      this.#cancelGone ??= this.#needs.later(() => {
        this.#stay();
        this.#carrier.close();
        this.#carrier = this.#goByCalls();
      }, GONE_AFTER_MS);
    }
  }

  /** The socket has spoken, or will not any more: calls do not take over. */
  #stay(): void {
    this.#cancelGone?.();
    this.#cancelGone = null;
  }

  /** Tries a socket beside the calls; the room's first word on it makes it the one that carries. */
  #try(): void {
    if (!this.#isByCalls || this.#giveUp || this.#status.kind === 'closed') return;
    this.#cancelTry?.();
    const socket = this.#needs.socket(this.#resume);
    const end = this.#needs.later(() => giveUp(), TRIED_WITHIN_MS);
    const giveUp = () => {
      end();
      this.#giveUp = null;
      socket.onMessage(() => {});
      socket.onStatus(() => {});
      socket.close();
      this.#cancelTry = this.#needs.later(() => this.#try(), TRY_EVERY_MS);
    };
    this.#giveUp = giveUp;
    socket.onMessage((first) => {
      end();
      this.#giveUp = null;
      this.#carrier.close();
      this.#isByCalls = false;
      this.#carrier = this.#listen(socket);
      this.#tellMessage(first);
    });
    socket.onStatus(({ kind }) => {
      if (kind === 'waiting' || kind === 'closed') giveUp();
    });
  }
}
