/** Keys on a presenter's screens other than the stage: the stage's keys, except those that only the stage can act on. */
import { STAGE_KEYS } from '../../stage/[code]/keys.ts';
import type { StageAction } from '../../stage/[code]/keys.ts';

/** Keys that open something over the stage, which only the stage has. */
const ONLY_ON_STAGE: readonly string[] = ['M', 'A'];
/** The keys of these screens, as the help lists them. */
export const REMOTE_KEYS = STAGE_KEYS.filter(({ keys }) => !ONLY_ON_STAGE.includes(keys));

/** The acts that a screen provides to its keys. */
export interface RemoteHands {
  move(by: 1 | -1): void;
  pick(place: number): void;
  toggleBlank(): void;
  toggleCode(): void;
  toggleHelp(): void;
  openNotes(): void;
  askReset(): void;
  askGuardrail(): void;
  askGuess(): void;
  close(): void;
}

/** Performs an action; false when only the stage can, so that the key keeps its meaning. */
export function actRemotely(action: StageAction, hands: RemoteHands): boolean {
  switch (action.kind) {
    case 'next':
      hands.move(1);
      return true;
    case 'previous':
      hands.move(-1);
      return true;
    case 'sku':
      hands.pick(action.place);
      return true;
    case 'blank':
      hands.toggleBlank();
      return true;
    case 'code':
      hands.toggleCode();
      return true;
    case 'help':
      hands.toggleHelp();
      return true;
    case 'notes':
      hands.openNotes();
      return true;
    case 'reset':
      hands.askReset();
      return true;
    case 'guardrail':
      hands.askGuardrail();
      return true;
    case 'guess':
      hands.askGuess();
      return true;
    case 'close':
      hands.close();
      return true;
    case 'fullScreen':
      void toggleFullScreen();
      return true;
    default:
      return false;
  }
}

async function toggleFullScreen(): Promise<void> {
  try {
    await (document.fullscreenElement
      ? document.exitFullscreen()
      : document.documentElement.requestFullscreen());
  } catch {
    // The browser may refuse; the page works in its window as well.
  }
}
