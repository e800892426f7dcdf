/** The main act of each step, which the script bar offers. */
import type { CrowdController } from '#lib/client/crowd-controller.svelte.ts';
import type { ResetController } from '#lib/client/reset-controller.svelte.ts';
import type { StageLink } from '#lib/client/stage-link.ts';
import { unreachable } from '#lib/domain/assert.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { expectationOf, pageOf } from '#lib/domain/script.ts';
import { phrase } from '#lib/language/phrase.ts';

/** Simulated shoppers that one press sends: enough for a race, and settled within seconds. */
const CROWD = 50;

/** What the acts need of the screen. */
interface Hands {
  link: StageLink;
  resets: ResetController;
  crowd: CrowdController;
  /** Opens the question whether to trip or clear the guardrail. */
  onguardrail: () => void;
}

/** An act: label, whether it cannot be undone, whether it is possible now, and what it does. */
export interface Act {
  label: string;
  danger: boolean;
  disabled: boolean;
  run: () => void;
}

/** The main act of the room's current step. */
export function actOf(view: RoomState, { link, resets, crowd, onguardrail }: Hands): Act {
  const { act } = expectationOf(pageOf(view));
  const { guardrail } = view;
  const plain = { danger: false, disabled: false };
  switch (act) {
    case 'code':
      return {
        ...plain,
        label: link.code === 'full' ? phrase('Code small') : phrase('Code large'),
        run: () => link.toggleCode(),
      };
    case 'crowd':
      return {
        ...plain,
        label: crowd.under === null ? phrase(`Send ${CROWD} SIMULATED`) : phrase('On their way…'),
        disabled: crowd.under !== null,
        run: () => void crowd.send(CROWD),
      };
    case 'guardrail':
      return {
        ...plain,
        label: guardrail.tripped ? phrase('Clear…') : phrase('Trip…'),
        danger: !guardrail.tripped,
        run: onguardrail,
      };
    case 'reset':
      return {
        label: resets.waitSeconds > 0 ? phrase(`Reset in ${resets.waitSeconds} s`) : phrase('Reset now…'),
        danger: true,
        disabled: resets.waitSeconds > 0,
        run: () => resets.ask(),
      };
    default:
      return unreachable(act);
  }
}
