/** The one act that a step mostly needs, as the bar within the thumb's reach offers it. */
import type { CrowdDesk } from '#lib/client/crowd-desk.svelte.ts';
import type { ResetDesk } from '#lib/client/reset-desk.svelte.ts';
import type { StageLink } from '#lib/client/stage-link.svelte.ts';
import { unreachable } from '#lib/domain/assert.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { expectationOf } from '#lib/domain/script.ts';

/** Shoppers of the crowd that one press sends: enough for a race in any room, and settled within seconds. */
const CROWD = 50;

/** What an act works on. */
interface Hands {
  link: StageLink;
  resets: ResetDesk;
  crowd: CrowdDesk;
  /** Asks before the guardrail is tripped or cleared. */
  onguardrail: () => void;
}

/** Its words, whether it is one to think about, whether it can be done now, and how it is done. */
export interface Act {
  label: string;
  danger: boolean;
  disabled: boolean;
  run: () => void;
}

/** The act of the step on which the room is. */
export function actOf({ step, guardrail }: RoomState, { link, resets, crowd, onguardrail }: Hands): Act {
  const { act } = expectationOf(step);
  const plain = { danger: false, disabled: false };
  switch (act) {
    case 'code':
      return {
        ...plain,
        label: link.code === 'full' ? 'Code small' : 'Code large',
        run: () => link.toggleCode(),
      };
    case 'crowd':
      return {
        ...plain,
        label: crowd.under === null ? `Send ${CROWD} SIMULATED` : 'On their way…',
        disabled: crowd.under !== null,
        run: () => void crowd.send(CROWD),
      };
    case 'guardrail':
      return {
        ...plain,
        label: guardrail.tripped ? 'Clear…' : 'Trip…',
        danger: !guardrail.tripped,
        run: onguardrail,
      };
    case 'reset':
      return {
        label: resets.waitSeconds > 0 ? `Reset in ${resets.waitSeconds} s` : 'Reset now…',
        danger: true,
        disabled: resets.waitSeconds > 0,
        run: () => resets.ask(),
      };
    default:
      return unreachable(act);
  }
}
