/** Where the dots of a room's phones lie: as large as all of them fit, in rows, and none from the number on that cannot be told apart. */

/** The picture's size, in units of its own. */
export const DOTS = { width: 520, height: 116 } as const;
/** Side of the square that a dot has to itself: the largest, and what it is lessened by until all fit. */
const LARGEST = 29;
const LESS = 0.5;
/** More dots than these are a grey field: the figure beside them says how many there are. Chosen by eye on a projector's picture. */
const MOST = 600;

/** The middles of so many dots, and their radius; none for more than can be told apart. */
export function dotsOf(phones: number): { places: readonly { x: number; y: number }[]; radius: number } {
  if (phones > MOST) return { places: [], radius: 0 };
  let side = LARGEST;
  while (Math.floor(DOTS.width / side) * Math.floor(DOTS.height / side) < phones) side -= LESS;
  const columns = Math.floor(DOTS.width / side);
  const places = Array.from({ length: phones }, (_, place) => ({
    x: ((place % columns) + 0.5) * side,
    y: (Math.floor(place / columns) + 0.5) * side,
  }));
  return { places, radius: side * 0.33 };
}
