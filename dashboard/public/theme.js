/**
 * Sets the chosen theme before the first paint, so that it never flashes, and mends a language that is none. A file of its
 * own: inline scripts are refused by the content security policy.
 * @module
 */
try {
  const theme = localStorage.getItem("gemini-proxy.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is refused: the system's theme holds.
}

// Browsers of some systems call theirs `en-US@posix` or `C`. The charts' library hands it to Intl as it is loaded, which
// throws; numbers are written as in the United States everywhere else too.
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en-US", configurable: true });
}
