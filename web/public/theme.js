// Runs before the first paint, so that the wrong theme never flashes.
// A separate file, because the content security policy forbids inline scripts.
(function () {
  var theme = null;
  try {
    theme = localStorage.getItem("parley.theme");
  } catch {
    // Storage is forbidden: use the system's theme.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
