import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type NewsUnderTest,
  nextCursorOf,
  readAll,
  slugsOf,
  startNews,
  webOrigin,
} from '../test-support/news-under-test.ts';
import { validate } from '../test-support/validate-openapi.ts';
import { operations } from './operations.ts';

let news: NewsUnderTest;

beforeAll(async () => {
  news = await startNews();
  for (let hour = 1; hour <= 12; hour += 1) {
    await news.addArticle({
      slug: `article-${hour}`,
      hoursAgo: hour,
      topic_key: hour % 3 === 0 ? 'business' : 'science',
      source_key: hour % 2 === 0 ? 'gazette' : 'wire',
    });
  }
  // Two of the same moment: the ID decides.
  await news.addArticle({ slug: 'article-12b', hoursAgo: 12 });
  await news.addArticle({ slug: 'hidden', status: 'draft', published_at: null });
});
afterAll(() => news.close());

describe('GET /api/articles', () => {
  test('lists published articles, newest first, and never a draft', async () => {
    const answer = await news.request('/api/articles?limit=50');
    expect(slugsOf(answer)).toEqual([
      ...Array.from({ length: 11 }, (_, index) => `article-${index + 1}`),
      'article-12b',
      'article-12',
    ]);
    expect(answer.body).toMatchObject({ nextCursor: null });
  });

  test('pages join without a gap or a repetition, whatever their size', async () => {
    const all = slugsOf(await news.request('/api/articles?limit=50'));
    for (const limit of [1, 3, 12]) expect(await readAll(news, `/api/articles?limit=${limit}`)).toEqual(all);
  });

  test('an article published meanwhile does not move the next page', async () => {
    const first = await news.request('/api/articles?topic=business&limit=2');
    await news.addArticle({ slug: 'breaking', hoursAgo: 0, topic_key: 'business' });
    const second = await news.request(`/api/articles?topic=business&limit=2&cursor=${nextCursorOf(first)}`);
    expect([...slugsOf(first), ...slugsOf(second)]).toEqual([
      'article-3',
      'article-6',
      'article-9',
      'article-12',
    ]);
    await news.db.deleteFrom('articles').where('slug', '=', 'breaking').execute();
  });

  test('filters by topic and source', async () => {
    expect(slugsOf(await news.request('/api/articles?topic=business&source=gazette'))).toEqual([
      'article-6',
      'article-12',
    ]);
  });

  test.each([
    ['words', 'tomorrow'],
    ['JSON of another shape', Buffer.from('["articles"]').toString('base64url')],
    ['the cursor of another list', Buffer.from('["drafts",1,1]').toString('base64url')],
    ['a time before all times', Buffer.from('["articles",-9e15,1]').toString('base64url')],
    ['an ID too big', Buffer.from('["articles",1,1e30]').toString('base64url')],
    ['SQL', Buffer.from(`["articles","'; drop table articles; --",1]`).toString('base64url')],
  ])('400 invalid-cursor for %s as a cursor', async (_name, cursor) => {
    const answer = await news.request(`/api/articles?cursor=${cursor}`);
    expect([answer.status, answer.body]).toEqual([400, expect.objectContaining({ code: 'invalid-cursor' })]);
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=51', 'limit'],
    ['limit=many', 'limit'],
    ['topic=../etc', 'topic'],
    ['topic=a&topic=b', 'topic'],
    ['page=2', 'page'],
    [`cursor=${'x'.repeat(501)}`, 'cursor'],
  ])('400 names the parameter: %s', async (query, pointer) => {
    const answer = await news.request(`/api/articles?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ code: 'invalid-input', errors: [{ pointer }] });
  });
});

describe('GET /api/articles/{slug}', () => {
  test('200 with sanitized HTML, names and an ETag', async () => {
    const answer = await news.request('/api/articles/article-1');
    expect(answer.body).toMatchObject({
      slug: 'article-1',
      html: '<p>Text of article-1.</p>',
      topic: { key: 'science', name: 'Science' },
      source: { key: 'wire', name: 'Wire' },
      publishedAt: '2026-11-29T11:00:00.000Z',
      version: 1,
    });
    expect(answer.headers.get('etag')).toBe('"1"');
  });

  test.each(['hidden', 'nothing', 'No Slug', `${'long-'.repeat(500)}end`])('404 for %s', async (slug) => {
    const answer = await news.request(`/api/articles/${encodeURIComponent(slug)}`);
    expect([answer.status, answer.body]).toEqual([404, expect.objectContaining({ code: 'not-found' })]);
  });

  test('the picture is an SVG without rights, cached for good under its address', async () => {
    const { body } = await news.request('/api/articles/article-1');
    const url = String(Object(Object(body).picture).url);
    const answer = await news.request(url);
    expect(answer.text).toMatch(/^<svg /);
    expect(answer.headers.get('content-type')).toBe('image/svg+xml');
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    expect(answer.headers.get('cache-control')).toContain('immutable');
    const stale = await news.request('/api/articles/article-1/picture.svg?v=old');
    expect(stale.headers.get('cache-control')).not.toContain('immutable');
    expect((await news.request('/api/articles/hidden/picture.svg')).status).toBe(404);
  });
});

describe('the issuer is away', () => {
  afterAll(() => {
    news.issuer.setState('up');
    // The API waits a moment before it asks an issuer that was away again.
    news.clock.now = new Date(news.clock.now.getTime() + 60_000);
  });

  test('503 with Retry-After for readers, while public pages go on, with and without a token', async () => {
    const token = await news.issuer.mintAccessToken();
    news.issuer.setState('down');
    const refused = await news.request('/api/feed', { token });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.body).toMatchObject({ code: 'issuer-unavailable', status: 503 });
    for (const path of [
      '/api/articles',
      '/api/articles/article-1',
      '/api/topics',
      '/api/search?q=text',
      '/healthz',
    ]) {
      expect((await news.request(path, { token })).status).toBe(200);
    }
  });
});

describe('access', () => {
  const guarded = operations.filter(({ access }) => access !== 'public');
  const call = ({ method, path }: { method: string; path: string }, token?: string) =>
    news.request(path.replace('{slug}', 'article-1'), {
      method: method.toUpperCase(),
      ...(token === undefined ? {} : { token }),
    });

  test.each(guarded)('$method $path: 401 with a challenge without a token', async (operation) => {
    const answer = await call(operation);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="api"');
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toMatchObject({ code: 'missing-token', status: 401 });
  });

  test.each([
    ['an invented token', async () => 'invented'],
    ['an expired token', () => news.issuer.mintAccessToken({ expiresInSeconds: -60 })],
    ['a token for another project', () => news.issuer.mintAccessToken({ audience: '999' })],
  ])('401 invalid_token for %s', async (_name, mint) => {
    const answer = await news.request('/api/feed', { token: await mint() });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(answer.body).toMatchObject({ code: 'invalid-token' });
  });

  test.each(operations.filter(({ access }) => access === 'editor'))(
    '$method $path: 403 insufficient_scope for a reader',
    async (operation) => {
      const answer = await call(operation, await news.issuer.mintAccessToken({ roles: ['reader'] }));
      expect(answer.status).toBe(403);
      expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
      expect(answer.body).toMatchObject({ code: 'insufficient-role' });
    },
  );

  test('the role of another project makes no editor', async () => {
    const claimOf = (project: string) => `urn:zitadel:iam:org:project:${project}:roles`;
    const token = await news.issuer.mintAccessToken({
      claims: {
        [claimOf('999')]: { editor: { '1': 'example.com' } },
        [claimOf(news.issuer.projectId)]: { reader: { '1': 'example.com' } },
      },
    });
    expect((await news.request('/api/drafts', { token })).status).toBe(403);
  });
});

describe('the description', () => {
  test('every operation is routed, and every other method of its path is 405 with Allow', async () => {
    for (const { method, path } of operations) {
      const answer = await news.request(path.replace('{slug}', 'article-1'), {
        method: method.toUpperCase(),
      });
      expect([path, method, answer.status]).not.toEqual([path, method, 405]);
    }
    const answer = await news.request('/api/articles', { method: 'DELETE' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, POST, HEAD');
    expect((await news.request('/api/articles', { method: 'HEAD' })).status).toBe(200);
    expect((await news.request('/api/elsewhere')).body).toMatchObject({ code: 'not-found' });
  });

  test('GET /openapi.json is a valid OpenAPI document that names every operation', async () => {
    const { body } = await news.request('/openapi.json');
    expect(await validate(body)).toBe('valid');
    const paths = Object(Object(body).paths);
    for (const { method, path } of operations) expect(paths[path]).toHaveProperty(method);
  });
});

describe('CORS', () => {
  test('the web origin may call with a token and read what a refusal says', async () => {
    const preflight = await news.request('/api/saved/article-1', {
      method: 'OPTIONS',
      headers: { Origin: webOrigin, 'Access-Control-Request-Method': 'PUT' },
    });
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(preflight.headers.get('access-control-allow-headers')).toBe(
      'Authorization, Content-Type, DPoP, If-Match',
    );
    const refused = await news.request('/api/feed', { headers: { Origin: webOrigin } });
    expect(refused.headers.get('access-control-allow-origin')).toBe(webOrigin);
    expect(refused.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
  });

  test('no other origin gets a CORS header', async () => {
    const answer = await news.request('/api/articles', { headers: { Origin: 'https://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});
