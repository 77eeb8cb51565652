import { defineConfig } from 'vite';

/** Service that answers the API while `npm run dev` serves the console's sources. */
const SERVICE = process.env.MEDIAHOOKS_PUBLIC_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  // The Content-Security-Policy allows no `data:` URLs except for pictures, so that no file is inlined.
  build: { target: 'es2023', manifest: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': SERVICE, '/assets': SERVICE, '/inbox': SERVICE } },
});
