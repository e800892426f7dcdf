/** Addresses of a show's summary and of the checks that prove it. */
import type { AuditKey } from '#lib/domain/audit-findings.ts';

/** Path of a show's card. */
export function showPath(code: string): string {
  return `/show/${code}`;
}

/** Path of the verify page for a room's log. */
export function verifyPath(code: string, skuId: string): string {
  return `/verify?show=${code}&sku=${encodeURIComponent(skuId)}`;
}

/** The same, at the named check. */
export function checkPath(code: string, skuId: string, check: AuditKey): string {
  return `${verifyPath(code, skuId)}#${checkAnchor(check)}`;
}

/** Id of a check on that page. */
export function checkAnchor(check: string): string {
  return `check-${check}`;
}

/** Path of a room's log; of an ended show it needs no session. */
export function logPath(code: string, skuId: string): string {
  return `/api/demo/log?skuId=${encodeURIComponent(skuId)}&show=${code}`;
}
