import { createLogger } from '@latchkey/server';
import { startTestServer } from '@latchkey/testkit';
import { expect, test } from 'vitest';

test('RFC 6749 §5.2: the log names the error code of a refused request, and no authorization code', async () => {
  const lines: string[] = [];
  const server = await startTestServer({
    engine: 'pglite',
    log: createLogger('debug', { write: (line) => void lines.push(line) }),
  });
  try {
    const answer = await server.fetch('/oauth/v2/token', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'authorization_code', code: 'a-secret-code', client_id: '1' }),
    });
    expect(answer.status).toBe(401);
    const refused = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'refused');
    expect(refused).toMatchObject({ error: 'invalid_client', route: '/oauth/v2/token' });
    expect(lines.join('')).not.toContain('a-secret-code');
  } finally {
    await server.close();
  }
});
