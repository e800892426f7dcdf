/**
 * Structured log lines, one JSON object each, for `wrangler tail` and the dashboard. They may contain nothing that identifies a
 * person or is a credential, so field names that suggest it are refused here, at the only place that writes lines.
 */
import { assert } from '#lib/domain/assert.ts';

const REFUSED_KEYS = /[Tt]oken|[Aa]uthorization|[Cc]ookie|[Ss]ecret|(^|[-_])ip$|I[Pp]$/;

/** Paths and messages may hold what a stranger sent: a line says their beginning. Characters. */
const MAX_TEXT = 300;
/** A stack that says where; characters. */
const MAX_STACK = 2_000;

/** What a line may say of something. */
export type LogFields = Record<string, string | number | boolean | null>;

/** Writes one line. Throws (a bug) when a field's name says that it holds a token, an address or a credential. */
export function logLine(event: string, fields: LogFields = {}): void {
  for (const key of Object.keys(fields)) {
    assert(!REFUSED_KEYS.test(key), `a log line has no field named ${key}`);
  }
  console.log(JSON.stringify({ event, ...fields }, clipped));
}

/** What a log line may say of something that was thrown. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  return { error: `${error.name}: ${error.message}`, stack: error.stack ?? null };
}

function clipped(key: string, value: unknown): unknown {
  const most = key === 'stack' ? MAX_STACK : MAX_TEXT;
  return typeof value === 'string' && value.length > most ? `${value.slice(0, most)}…` : value;
}
