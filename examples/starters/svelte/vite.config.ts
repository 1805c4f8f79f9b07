import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const server = {
  // The port is part of the redirect URI that is registered at the issuer.
  port: 5173,
  strictPort: true,
  // The API checks that a token is used for the address the page called, so it has to see the page's host.
  proxy: { '/api': { target: 'http://localhost:8787', changeOrigin: false } },
  // Vite would serve every file of the project: what it refuses by default, and the key of the API.
  fs: { deny: ['.env', '.env.*', '*.{crt,pem}', '**/.git/**', 'api-key.json'] },
};

export default defineConfig({ plugins: [svelte()], server, preview: server });
