/** The sockets of a rehearsed room; its crowd has none, and counts as people. */
import { Connections } from '#lib/room/connections.ts';

/** Connections beside so many simulated shoppers. */
export class CrowdedConnections extends Connections {
  readonly #shoppers: () => number;

  constructor(shoppers: () => number) {
    super();
    this.#shoppers = shoppers;
  }

  override people(): { phones: number; stages: number } {
    const { phones, stages } = super.people();
    return { phones: phones + this.#shoppers(), stages };
  }
}
