/** Load: how late the room is, and how hard a crowd presses it for that. */
import { feel, noPressure, release } from '#lib/domain/pressure.ts';
import type { RoomPorts } from './context.ts';
import { LagProbe } from './lag-probe.ts';

/** Fewer phones cannot ask more than a room can answer, at twenty messages a second each: it is late for another reason. */
const CROWD = 500;

/** See the module's comment. */
export class Load {
  readonly pressure = noPressure();
  readonly lag: LagProbe;

  constructor(ports: RoomPorts) {
    this.lag = new LagProbe(
      () => ports.now(),
      (lag) => {
        if (ports.connections.ofRole('participant').size < CROWD) release(this.pressure);
        else feel(this.pressure, lag);
      },
      () => release(this.pressure),
    );
  }
}
