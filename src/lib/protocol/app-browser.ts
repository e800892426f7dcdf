/** Browsers inside other apps: they may forget their owner when they are closed, and save no files. */

/**
 * What such browsers call themselves: Instagram, Facebook, LinkedIn, WeChat, TikTok, LINE, Snapchat; Android's web view (`; wv)`,
 * developer.chrome.com/docs/webview); and on an iPhone whatever does not name Safari.
 */
const INSIDE =
  /Instagram|FBA[NV]|LinkedInApp|MicroMessenger|musical_ly|Bytedance|Line\/|Snapchat|; wv\)|iPhone(?!.*Safari)/;

/** True for a browser that is part of another app, by its user agent. */
export function isInApp(userAgent: string): boolean {
  return INSIDE.test(userAgent);
}
