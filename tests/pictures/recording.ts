/** Records what a page draws, and makes one moving picture of it in which a second lasts a second. */
import type { Page } from 'playwright-core';
import sharp from 'sharp';

/** A drawn frame and when it was drawn, milliseconds of the browser's clock. */
interface Frame {
  atMs: number;
  png: Buffer;
}

/** Frames that follow sooner are left out, milliseconds: ten a second are enough for a chart. */
const APART_MS = 100;

/** Draws are recorded until the function that is returned is called, which gives them all. */
export async function record(page: Page): Promise<() => Promise<Frame[]>> {
  const frames: Frame[] = [];
  const session = await page.context().newCDPSession(page);
  session.on('Page.screencastFrame', ({ data, metadata, sessionId }) => {
    frames.push({ atMs: (metadata.timestamp ?? 0) * 1_000, png: Buffer.from(data, 'base64') });
    // A page that is gone needs no answer.
    session.send('Page.screencastFrameAck', { sessionId }).catch(() => undefined);
  });
  await session.send('Page.startScreencast', { format: 'png' });
  return async () => {
    await session.send('Page.stopScreencast');
    // They do not always come in the order in which they were drawn.
    return frames.sort((a, b) => a.atMs - b.atMs);
  };
}

/**
 * An endless WebP of the frames, each shown for as long as the page showed it; the last one until `forMs` are over.
 * @returns its bytes
 */
export async function movingPicture(frames: readonly Frame[], forMs: number, width: number): Promise<Buffer> {
  const startMs = frames[0]?.atMs ?? 0;
  const kept: Frame[] = [];
  for (const frame of frames) {
    if (frame.atMs - startMs >= forMs) break;
    const last = kept.at(-1);
    // Of those that follow closely the last one stands: it is what was seen from then on.
    if (last && kept.length > 1 && frame.atMs - (kept.at(-2)?.atMs ?? 0) < APART_MS) kept.pop();
    kept.push(frame);
  }
  // Rounded as moments, so that they add up.
  const moments = [...kept.map(({ atMs }) => Math.round(atMs - startMs)), forMs];
  const delay = kept.map((_, place) => moments[place + 1]! - moments[place]!);
  const images = await Promise.all(kept.map(({ png }) => sharp(png).resize({ width }).png().toBuffer()));
  return sharp(images, { join: { animated: true } })
    .webp({ quality: 55, effort: 4, delay, loop: 0 })
    .toBuffer();
}

/** A picture in a palette: a third of the bytes, and no difference to be seen. */
export function small(png: Buffer): Promise<Buffer> {
  return sharp(png).png({ palette: true, effort: 10, compressionLevel: 9 }).toBuffer();
}
