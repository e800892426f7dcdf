/** Load: by how much the room is late, and overload control for crowds. */
import { feel, noPressure, release } from '#lib/domain/pressure.ts';
import type { Load as RoomLoad } from '#lib/room/context.ts';
import type { Connections } from '#lib/room/connections.ts';
import { LagProbe } from './lag-probe.ts';

/** Fewest phones that can overload a room, at 20 messages a second each; with fewer it is late for another reason. */
const CROWD = 500;

/** Measures lateness, and adapts overload control to it. */
export class Load implements RoomLoad {
  readonly pressure = noPressure();
  readonly lag: LagProbe;

  constructor(connections: Connections, now: () => number) {
    this.lag = new LagProbe(
      now,
      (lag) => {
        if (connections.ofRole('participant').size < CROWD) release(this.pressure);
        else feel(this.pressure, lag);
      },
      () => release(this.pressure),
    );
  }
}
