/** Enters or leaves full screen. The browser may refuse; the page works in its window as well. */
export async function toggleFullScreen(): Promise<void> {
  try {
    await (document.fullscreenElement
      ? document.exitFullscreen()
      : document.documentElement.requestFullscreen());
  } catch {
    // Refused: the page stays in its window.
  }
}
