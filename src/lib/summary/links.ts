/** Addresses of a show's summary and of the checks that prove it. */
import type { AuditKey } from '#lib/domain/audit-findings.ts';

/** Where the card of a show stands. */
export function showPath(code: string): string {
  return `/show/${code}`;
}

/** Where a figure of a room is recomputed by whoever asks: the named check on the page that verifies logs. */
export function checkPath(code: string, skuId: string, check: AuditKey): string {
  return `/verify?show=${code}&sku=${encodeURIComponent(skuId)}#${checkAnchor(check)}`;
}

/** Id of a check on that page. */
export function checkAnchor(check: string): string {
  return `check-${check}`;
}

/** Where the whole log of a room is downloaded; of an ended show without a session. */
export function logPath(code: string, skuId: string): string {
  return `/api/demo/log?skuId=${encodeURIComponent(skuId)}&show=${code}`;
}
