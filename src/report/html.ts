import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { InputError } from '../errors.js';
import type { Documents, Summary } from './data.js';

/**
 * A report as one HTML file that needs nothing else. The data are compressed, in base64, so that no text of
 * a corpus can end its element; and the file's own policy lets no script run but the page's, and nothing be
 * fetched. @throws InputError where the page's program has not been built
 */
export async function reportHtml(summary: Summary, documents: Documents): Promise<string> {
  const [script, style] = await Promise.all([built('page.js'), built('style.css')]);
  const program = script.replace(/<(?=\/script|!--)/gi, '<\\');
  const hash = createHash('sha256').update(program).digest('base64');
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
  const title = escapeHtml(summary.title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="meddoprof ${escapeHtml(summary.version)}">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${style.replaceAll('</', '<\\/')}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<nav aria-label="Sections"></nav>
<main id="content"><noscript><p>This report draws itself: it needs JavaScript, nothing else.</p></noscript></main>
<script type="text/plain" id="summary">${pack(summary)}</script>
<script type="text/plain" id="documents">${pack(documents)}</script>
<script type="module">${program}</script>
</body>
</html>
`;
}

function pack(value: unknown): string {
  return gzipSync(JSON.stringify(value), { level: 9 }).toString('base64');
}

/** A part of the page that \`npm run build\` made, from the sources or from what is built alike. */
async function built(name: string): Promise<string> {
  const file = fileURLToPath(new URL(`../../dist/report/${name}`, import.meta.url));
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new InputError(`${file} is not there: run npm run build, which makes the report's page.`, {
      cause: error,
    });
  }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
