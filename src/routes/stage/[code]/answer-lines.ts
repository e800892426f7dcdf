/**
 * An answer of the API as lines for the stage: the members of the envelope and of its `meta` as they came, and of everything
 * else only that it is there and how much of it.
 */

/** A line of JSON; `marks` names the member that the guide points at, over all of its lines. */
export interface AnswerLine {
  text: string;
  /** Levels of indentation. */
  depth: number;
  marks: Marked | null;
}

/** The two members of `meta` that every answer has, and that the guide points at. */
export type Marked = 'guardrailTriggered' | 'ledger';
const MARKED: readonly string[] = ['guardrailTriggered', 'ledger'] satisfies Marked[];

/** Members that are written out; others are only counted. */
const WHOLE = ['meta', 'ledger', 'error'];

/** The lines of an answer's text; null when it is no JSON object. */
export function answerLines(text: string): AnswerLine[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  return isObject(json) ? closedAtOnce([...linesOf('', json, '', 0, null)]) : null;
}

/** The braces that close everything at the end on one line: the stage has room for little more than twenty. */
function closedAtOnce(lines: AnswerLine[]): AnswerLine[] {
  const first = lines.findLastIndex(({ text }) => text !== '}') + 1;
  const depth = lines[first]?.depth ?? 0;
  return [
    ...lines.slice(0, first),
    {
      text: Array(depth + 1)
        .fill('}')
        .join(' '),
      depth,
      marks: null,
    },
  ];
}

function* linesOf(
  label: string,
  of: object,
  comma: string,
  depth: number,
  marks: Marked | null,
): Generator<AnswerLine> {
  yield { text: `${label}{`, depth, marks };
  const members = Object.entries(of) as [string, unknown][];
  for (const [place, [name, value]] of members.entries()) {
    const after = place < members.length - 1 ? ',' : '';
    const key = `"${name}": `;
    const marked = MARKED.includes(name) ? (name as Marked) : marks;
    if (isObject(value) && WHOLE.includes(name)) {
      yield* linesOf(key, value, after, depth + 1, marked);
    } else {
      yield { text: `${key}${brief(value)}${after}`, depth: depth + 1, marks: marked };
    }
  }
  yield { text: `}${comma}`, depth, marks };
}

/** A plain value as it came; what has members of its own by their number. */
function brief(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ … ${value.length} more ]`;
  if (isObject(value)) {
    const members = Object.keys(value).length;
    return members === 0 ? '{}' : `{ … ${members} more }`;
  }
  return JSON.stringify(value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
