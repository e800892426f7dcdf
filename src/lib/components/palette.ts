/** Colours of the design tokens for canvases: resolved for the current theme, and read again when it changes. */

import { LANES } from '#lib/domain/lanes.ts';
import type { LaneSpec } from '#lib/domain/lanes.ts';

const COMMON = ['surface', 'line', 'ink', 'ink-quiet', 'oversold', 'lost', 'capacity'] as const;
/** Roles that are painted on canvases; each is a custom property of the tokens. */
const ROLES: readonly ColourRole[] = [...COMMON, ...Object.values(LANES).map(({ colour }) => colour)];
/** See {@link ROLES}. */
export type ColourRole = (typeof COMMON)[number] | LaneSpec['colour'];
/** A colour of each role, as `rgb(…)`. */
export type Palette = Record<ColourRole, string>;

/**
 * Reads the palette at `element`. Reading a custom property does not resolve it (`light-dark()` is returned as written), so a
 * probe element takes each colour and its computed colour is read.
 */
export function readPalette(element: HTMLElement): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const palette = Object.fromEntries(
    ROLES.map((role) => {
      probe.style.color = `var(--${role})`;
      return [role, getComputedStyle(probe).color];
    }),
  ) as Palette;
  probe.remove();
  return palette;
}

/** Calls `changed` when the system's theme changes. Returns a function that stops it. */
export function watchTheme(changed: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', changed);
  return () => {
    dark.removeEventListener('change', changed);
  };
}

/** A diagonal hatch in `colour` on nothing, `period` canvas pixels from stripe to stripe. */
export function hatchTile(colour: string, period: number): HTMLCanvasElement {
  const size = Math.max(4, Math.round(period));
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const context = tile.getContext('2d');
  if (!context) return tile;
  context.strokeStyle = colour;
  context.lineWidth = size * 0.32;
  // Three strokes, so that the stripes meet across the tile's edges.
  for (const shift of [-size, 0, size]) {
    context.beginPath();
    context.moveTo(shift - size * 0.25, size * 1.25);
    context.lineTo(shift + size * 1.25, -size * 0.25);
    context.stroke();
  }
  return tile;
}
