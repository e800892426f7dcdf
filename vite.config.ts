import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds the rooms and the API: a Worker started beside it. */
const WORKER = 'http://127.0.0.1:8787';

export default defineConfig({
  plugins: [sveltekit()],
  build: {
    rolldownOptions: {
      // What most pages share is one file: on HTTP/1.1 a wave of small ones costs a phone a round trip.
      output: { codeSplitting: { groups: [{ name: 'shared', minShareCount: 3 }] } },
    },
  },
  server: {
    proxy: {
      '/api': { target: WORKER, changeOrigin: true },
      '/parties': { target: WORKER, ws: true, changeOrigin: true },
    },
  },
});
