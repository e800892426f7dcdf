/** What every scene of the stage is given. */
import type { ComponentProps } from 'svelte';
import type { LiveHistory } from '#lib/client/live-history.ts';
import type JoinPanel from '#lib/components/JoinPanel.svelte';
import type { RoomState } from '#lib/domain/room-state.ts';

/** The room, its history, and how to join it. */
export interface SceneProps {
  view: RoomState;
  history: LiveHistory;
  join: ComponentProps<typeof JoinPanel>;
}
