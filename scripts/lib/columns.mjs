/**
 * Sets the cells of rows under each other, as many columns as the first row has.
 * @param {readonly (readonly string[])[]} rows
 * @param {(column: number) => boolean} [isNumber] whether a column is set to the right
 * @returns {string[]} a line for each row
 */
export function inColumns(rows, isNumber = () => false) {
  // There may be any number of rows, and a call takes no such number of arguments.
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
