/** Contrast of two colours as WCAG 2.2 defines it. */

/** Ratio of two colours written `rgb(r, g, b)` or `rgb(r g b)`, 1 to 21; null when either is written otherwise. */
export function contrastOf(a: string, b: string): number | null {
  const [first, second] = [luminanceOf(a), luminanceOf(b)];
  if (first === null || second === null) return null;
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
}

function luminanceOf(colour: string): number | null {
  const parts = /^rgba?\(\s*([\d.]+)[,\s]+([\d.]+)[,\s]+([\d.]+)/.exec(colour)?.slice(1).map(Number);
  if (!parts) return null;
  const [red = 0, green = 0, blue = 0] = parts.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
