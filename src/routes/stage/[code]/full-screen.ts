/** Fills the screen with the page, or gives it back. The browser may refuse: the page is as good in its window. */
export async function toggleFullScreen(): Promise<void> {
  try {
    await (document.fullscreenElement
      ? document.exitFullscreen()
      : document.documentElement.requestFullscreen());
  } catch {
    // Nothing is lost by it.
  }
}
