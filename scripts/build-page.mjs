// Bundles the browser's side of reports: dist/report/page.js and style.css, which `src/report/html.ts` puts
// into every report. A part of `npm run build`.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
await build({
  entryPoints: { page: at('src/report/page/main.ts'), style: at('src/report/page/page.css') },
  outdir: at('dist/report'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022'],
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
});
