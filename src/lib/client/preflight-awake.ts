/** Whether this browser can keep its screen on, tried and given back at once. */

/** `missing` where the browser has no such thing (plain http, older ones); `refused` where the system said no. */
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
