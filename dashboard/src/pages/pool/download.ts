/**
 * Saving a text that the gateway made as a file.
 * @module
 */

/**
 * Lets the browser save it.
 * @param file name and content
 */
export function downloadText(file: { name: string; text: string }): void {
  const url = URL.createObjectURL(new Blob([file.text], { type: "application/json" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  // What came from a server must not name a place outside of the folder for downloads.
  anchor.download = file.name.replaceAll(/[/\\:\p{Cc}]/gu, "_");
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  // The download has been handed over by the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
