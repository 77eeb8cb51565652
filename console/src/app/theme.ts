/** Which colours the console shows: those of the system, or always light or dark ones. */
export type ThemeChoice = 'auto' | 'light' | 'dark';

/** Name under which public/theme.js finds the choice before anything is drawn. */
const STORED_AS = 'mediahooks-theme';
/** Relative luminance above which black text is easier to read than white text, on a surface of this colour. */
const BRIGHT = 0.36;

export function themeChoice(): ThemeChoice {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}

export function chooseTheme(choice: ThemeChoice): void {
  if (choice === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  try {
    localStorage.setItem(STORED_AS, choice);
  } catch {
    // A browser that keeps nothing for this page forgets the choice when the page is closed.
  }
}

/** Shows the accent that the operator has set, with text on it that can be read. @param accent such as `#3b5bdb` */
export function applyAccent(accent: string): void {
  const { style } = document.documentElement;
  style.setProperty('--accent', accent);
  style.setProperty('--on-accent', luminanceOf(accent) > BRIGHT ? '#101318' : '#fff');
}

/** Returns the relative luminance that WCAG defines, from 0 to 1. */
function luminanceOf(colour: string): number {
  const digits = colour.length === 4 ? colour.replace(/[\da-f]/gi, '$&$&') : colour;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(digits.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
