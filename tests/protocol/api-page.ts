/** docs/api.md as data: its tables by the heading above them. */

/** One row of a table of members. */
export interface DocumentedMember {
  name: string;
  optional: boolean;
  /** The words of its type, without the marks of code. */
  type: string;
  /** What it holds, where its row says so as `{ a, b? }`. */
  members?: { name: string; optional: boolean }[];
}

/** The rows of the first table below a heading; cells as they stand. Throws when there is none. */
export function tableUnder(page: string, heading: string): string[][] {
  const section = sectionsOf(page).get(heading);
  if (section === undefined) throw new Error(`docs/api.md has no heading "${heading}"`);
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  // The header and the line below it come first.
  return rows.slice(2).map((row) => row.slice(1, -1).split(' | ').map(trimmed));
}

/** The members that a table under a heading lists, in its order. */
export function membersUnder(page: string, heading: string): DocumentedMember[] {
  return tableUnder(page, heading).map(([first = '', type = '']) => ({
    name: /`([^`]+)`/.exec(first)?.[1] ?? '',
    optional: first.includes('*optional*'),
    type: type.replaceAll('`', ''),
  }));
}

/** The same with what each member holds, where its row says so; rows that list what stands under changing names are left out. */
export function answeredUnder(page: string, heading: string): DocumentedMember[] {
  const rows = tableUnder(page, heading);
  return membersUnder(page, heading).map((member, place) => {
    const inner = /`\{ ([\w?]+(?:, [\w?]+)*) \}`/.exec(rows[place]?.slice(1).join(' | ') ?? '')?.[1];
    if (inner === undefined) return member;
    const members = inner
      .split(', ')
      .map((each) => ({ name: each.replace('?', ''), optional: each.endsWith('?') }));
    return { ...member, members };
  });
}

/** Headings that begin with these words, without them. */
export function headingsAfter(page: string, start: string): string[] {
  return [...sectionsOf(page).keys()]
    .filter((heading) => heading.startsWith(start))
    .map((heading) => heading.slice(start.length).replaceAll('`', ''));
}

function sectionsOf(page: string): Map<string, string> {
  const parts = page.split(/^#{1,4} (.+)$/m);
  const sections = new Map<string, string>();
  for (let at = 1; at < parts.length; at += 2) sections.set(trimmed(parts[at] ?? ''), parts[at + 1] ?? '');
  return sections;
}

function trimmed(text: string): string {
  return text.trim();
}
