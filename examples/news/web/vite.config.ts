import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { parseWebConfig } from './web-config.ts';

// `vite dev` has no server of ours behind it, so it answers /config.json itself.
function devConfig(): Plugin {
  return {
    name: 'news-dev-config',
    configureServer(server) {
      server.middlewares.use('/config.json', (_request, response) => {
        const parsed = parseWebConfig(process.env);
        response.statusCode = parsed.kind === 'valid' ? 200 : 500;
        response.setHeader('Content-Type', 'application/json');
        response.setHeader('Cache-Control', 'no-store');
        const page =
          parsed.kind === 'valid' && parsed.config.signIn.mode === 'spa'
            ? parsed.config.signIn.page
            : undefined;
        const problems = parsed.kind === 'valid' ? ['vite dev runs MODE=spa only.'] : parsed.problems;
        response.end(JSON.stringify(page ?? { error_description: problems.join(' ') }));
      });
    },
  };
}

const textFaces = /(?:source-serif-4-latin-opsz-normal|inter-latin-wght-normal).*\.woff2$/;

// The two faces every page begins with are fetched beside the script, so that text does not change its face later.
function preloadFonts(): Plugin {
  return {
    name: 'news-preload-fonts',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((file) => textFaces.test(file))
          .map((file) => ({
            tag: 'link',
            attrs: { rel: 'preload', as: 'font', type: 'font/woff2', href: `/${file}`, crossorigin: '' },
            injectTo: 'head-prepend' as const,
          })),
    },
  };
}

export default defineConfig({
  plugins: [react(), devConfig(), preloadFonts()],
  // Inside this repository the SDKs are taken from their sources, so they need not be built first.
  resolve: { conditions: ['@latchkey/source', ...defaultClientConditions] },
  server: { port: 3001, strictPort: true },
});
