import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { parseWebConfig } from './web-config.ts';

// `vite dev` has no server of ours behind it, so it answers /config.json itself.
function devConfig(): Plugin {
  return {
    name: 'quotes-dev-config',
    configureServer(server) {
      server.middlewares.use('/config.json', (_request, response) => {
        const parsed = parseWebConfig(process.env);
        response.statusCode = parsed.kind === 'valid' ? 200 : 500;
        response.setHeader('Content-Type', 'application/json');
        response.setHeader('Cache-Control', 'no-store');
        response.end(
          JSON.stringify(
            parsed.kind === 'valid' ? parsed.config.page : { error_description: parsed.problems.join(' ') },
          ),
        );
      });
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), devConfig()],
  // Inside this repository the SDKs are taken from their sources, so they need not be built first.
  resolve: { conditions: ['@latchkey/source', ...defaultClientConditions] },
  server: { port: 3000, strictPort: true },
});
