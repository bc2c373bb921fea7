import { h } from './dom.js';

const KEY = 'meddoprof-report-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

/** The button between light and dark. The system decides until it is pressed; then the choice is remembered. */
export function themeButton(): HTMLButtonElement {
  const button = h('button', { type: 'button', class: 'theme', click: toggle });
  apply(remembered());
  dark.addEventListener('change', show);
  return button;

  function toggle() {
    const theme = isDark() ? 'light' : 'dark';
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // a browser that keeps nothing for files: the choice lasts as long as the page
    }
    apply(theme);
  }

  function apply(theme: string | undefined) {
    if (theme) document.documentElement.dataset.theme = theme;
    show();
  }

  function show() {
    button.textContent = isDark() ? 'Light theme' : 'Dark theme';
  }
}

function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === 'dark' : dark.matches;
}

function remembered(): string | undefined {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === 'light' || theme === 'dark' ? theme : undefined;
  } catch {
    return undefined;
  }
}
