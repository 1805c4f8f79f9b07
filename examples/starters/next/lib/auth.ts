import { createAuth } from '@latchkey/next';

// The values are in .env.local. The API of api/server.mjs is reached by the browser under /api.
export const auth = createAuth({
  issuer: process.env.ISSUER,
  clientId: process.env.CLIENT_ID,
  clientSecret: process.env.CLIENT_SECRET,
  projectId: process.env.PROJECT_ID,
  baseUrl: process.env.APP_URL,
  cookieSecret: process.env.COOKIE_SECRET,
  apis: { '/api': 'http://localhost:8787/api' },
});
