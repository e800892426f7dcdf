/** Keeps a screen from falling asleep while its page is seen, where the browser can: not on plain http. */

/** Asks for it now and whenever the page is seen again. Returns what ends it. */
export function stayAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let ended = false;
  const ask = async () => {
    if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    try {
      lock = await navigator.wakeLock.request('screen');
      if (ended) await lock.release();
    } catch {
      // Refused, as on low battery: the show goes on, and the screen follows the system's own rules.
    }
  };
  const onVisible = () => void ask();
  document.addEventListener('visibilitychange', onVisible);
  void ask();
  return () => {
    ended = true;
    document.removeEventListener('visibilitychange', onVisible);
    void lock?.release();
  };
}

/**
 * Tries whether this browser can, and gives it back at once: `missing` where it has no such thing (plain http, older ones),
 * `refused` where the system said no.
 */
export async function probeWakeLock(
  device: { wakeLock?: Pick<WakeLock, 'request'> } = navigator,
): Promise<'held' | 'refused' | 'missing'> {
  if (!device.wakeLock) return 'missing';
  try {
    const lock = await device.wakeLock.request('screen');
    await lock.release();
    return 'held';
  } catch {
    return 'refused';
  }
}
