// Sets the chosen theme before anything is drawn, so that no light page flashes in the dark.
try {
  const theme = localStorage.getItem('mediahooks-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing for this page shows the theme of the system.
}
