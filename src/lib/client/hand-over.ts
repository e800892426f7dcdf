/** How long a file's object URL is kept, milliseconds: the browser fetches it shortly after the click. */
const ADDRESS_KEPT_MS = 60_000;

/** Saves a file through the browser's download. */
export function handOver(name: string, file: Blob): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), ADDRESS_KEPT_MS);
}
