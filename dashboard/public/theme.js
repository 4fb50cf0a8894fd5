/**
 * Sets the chosen theme before the first paint, so that it never flashes. A file of its own: inline scripts are refused by
 * the content security policy.
 * @module
 */
try {
  const theme = localStorage.getItem("gemini-proxy.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is refused: the system's theme holds.
}
