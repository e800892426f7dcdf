/** Which browsers are taken for part of another app: by what they call themselves. */
import { expect, test } from 'vitest';
import { isInApp } from '#lib/protocol/app-browser.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const ANDROID =
  'Mozilla/5.0 (Linux; Android 15; Pixel 9 Build/BP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  ['Instagram', `${IPHONE} Mobile/22F76 Instagram 384.0.0.28.87 (iPhone17,1; iOS 18_5; de_DE)`],
  ['Facebook', `${IPHONE} Mobile/22F76 [FBAN/FBIOS;FBAV/515.0.0.39.108;FBBV/732512345;FBDV/iPhone17,1]`],
  ['LinkedIn', `${IPHONE} Mobile/22F76 [LinkedInApp]/9.30.2487`],
  ['WeChat', `${IPHONE} Mobile/22F76 MicroMessenger/8.0.60(0x18003c2d) NetType/WIFI Language/de`],
  ['TikTok', `${IPHONE} Mobile/22F76 musical_ly_40.2.0 JsSdk/2.0 NetType/WIFI BytedanceWebview/d8a21c6`],
  ['an app that gives no name', `${IPHONE} Mobile/22F76`],
  ['Android’s web view', `${ANDROID} Version/4.0 Chrome/140.0.7339.51 Mobile Safari/537.36`],
])('%s is part of another app', (_, userAgent) => {
  expect(isInApp(userAgent)).toBe(true);
});

test.each([
  ['Safari', `${IPHONE} Version/18.5 Mobile/15E148 Safari/604.1`],
  ['Chrome on an iPhone', `${IPHONE} CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1`],
  ['Firefox on an iPhone', `${IPHONE} FxiOS/142.0 Mobile/15E148 Safari/605.1.15`],
  [
    'Chrome on Android',
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
  ],
  ['Firefox', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
])('%s is not', (_, userAgent) => {
  expect(isInApp(userAgent)).toBe(false);
});
