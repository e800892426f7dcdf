/** docs/api.md as data: its tables by the heading above them. */

/** One row of a table of members. */
export interface DocumentedMember {
  name: string;
  optional: boolean;
  /** The words of its type, without the marks of code. */
  type: string;
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
