import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type NewsUnderTest, slugsOf, startNews } from '../test-support/news-under-test.ts';

let news: NewsUnderTest;
let token: string;

const draft = {
  title: 'A quiet day',
  summary: 'Nothing happened.',
  topic: 'science',
  source: 'wire',
  author: 'Ida B. Wells',
  body: { format: 'markdown', text: 'It was **quiet**.\n\n<script>alert(1)</script>' },
};
const create = (fields: object = {}) =>
  news.request('/api/articles', { method: 'POST', token, body: { ...draft, ...fields } });
const slugOf = (answer: Answer) => String(Object(answer.body).slug);
const versionOf = (answer: Answer) => Number(Object(answer.body).version);

beforeAll(async () => {
  news = await startNews();
  token = await news.issuer.mintAccessToken({ subject: 'ada', roles: ['editor'] });
});
afterAll(() => news.close());

describe('POST /api/articles', () => {
  test('201 with a draft that nobody else sees', async () => {
    const answer = await create();
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/api/articles/a-quiet-day/editable');
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.body).toMatchObject({
      slug: 'a-quiet-day',
      status: 'draft',
      publishedAt: null,
      html: '<p>It was <strong>quiet</strong>.</p>',
      body: draft.body,
    });
    expect(slugsOf(await news.request('/api/drafts', { token }))).toContain('a-quiet-day');
    const reader = await news.issuer.mintAccessToken();
    for (const path of ['/api/articles/a-quiet-day', '/api/articles/a-quiet-day/picture.svg']) {
      expect((await news.request(path, { token: reader })).status).toBe(404);
    }
    expect(slugsOf(await news.request('/api/articles'))).not.toContain('a-quiet-day');
    expect(slugsOf(await news.request('/api/search?q=quiet'))).toEqual([]);
    expect(slugsOf(await news.request('/api/feed', { token: reader }))).toEqual([]);
  });

  test('a title used before gets another slug; a slug asked for that is taken is 409', async () => {
    const first = await create({ title: 'Äußerst ruhig!' });
    const second = await create({ title: 'Äußerst ruhig!' });
    expect([slugOf(first), slugOf(second)]).toEqual(['ausserst-ruhig', 'ausserst-ruhig-2']);
    const taken = await create({ slug: 'ausserst-ruhig' });
    expect([taken.status, taken.body]).toEqual([409, expect.objectContaining({ code: 'slug-taken' })]);
    expect(slugOf(await create({ title: '日本' }))).toBe('article');
  });

  test.each([
    [{ topic: 'astrology' }, '/topic'],
    [{ source: 'nobody' }, '/source'],
    [{ title: ' ' }, '/title'],
    [{ title: 'a\0b' }, '/title'],
    [{ body: { format: 'docx', text: 'x' } }, '/body/format'],
    [{ body: { format: 'markdown', text: 'x'.repeat(200_001) } }, '/body/text'],
    [{ tags: Array.from({ length: 13 }, () => 'tag') }, '/tags'],
    [{ picture: { motif: 'unicorn', palette: 'dawn', alt: '' } }, '/picture/motif'],
    [{ status: 'published' }, '/status'],
  ])('400 names the field: %o', async (fields, pointer) => {
    const answer = await create(fields);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ errors: [{ pointer }] });
  });

  test('the largest text that is allowed is stored and found', async () => {
    const text = `${'word '.repeat(39_000)} heliotrope`;
    const answer = await create({ title: 'Long', body: { format: 'markdown', text } });
    expect(answer.status).toBe(201);
    const headers = { 'If-Match': '"1"' };
    await news.request('/api/articles/long/publish', { method: 'POST', token, headers });
    expect(slugsOf(await news.request('/api/search?q=heliotrope'))).toEqual(['long']);
  });
});

describe('PATCH /api/articles/{slug}', () => {
  const patch = (slug: string, body: object, headers = {}) =>
    news.request(`/api/articles/${slug}`, { method: 'PATCH', token, body, headers });

  test('changes what is named, counts the version and leaves the rest', async () => {
    const slug = slugOf(await create({ title: 'To change', tags: ['one'] }));
    const answer = await patch(
      slug,
      { summary: 'Changed.', body: { format: 'html', text: '<p>New <img src=x onerror=alert(1)></p>' } },
      { 'If-Match': '"1"' },
    );
    expect(answer.body).toMatchObject({
      title: 'To change',
      summary: 'Changed.',
      html: '<p>New </p>',
      tags: ['one'],
      version: 2,
    });
    expect(answer.headers.get('etag')).toBe('"2"');
  });

  test('412 for a stale ETag, 409 for a stale version, 428 for neither, and nothing is changed', async () => {
    const slug = slugOf(await create({ title: 'Contested' }));
    expect((await patch(slug, { title: 'First' }, { 'If-Match': '"1"' })).status).toBe(200);
    const stale = await patch(slug, { title: 'Second' }, { 'If-Match': '"1"' });
    expect([stale.status, stale.body]).toEqual([412, expect.objectContaining({ code: 'version-conflict' })]);
    expect((await patch(slug, { title: 'Second', version: 1 })).status).toBe(409);
    expect((await patch(slug, { title: 'Second' })).status).toBe(428);
    expect((await news.request(`/api/articles/${slug}/editable`, { token })).body).toMatchObject({
      title: 'First',
      version: 2,
    });
  });

  test('of two changes to one version at once, one is made', async () => {
    const slug = slugOf(await create({ title: 'Raced' }));
    const answers = await Promise.all(
      ['One', 'Two', 'Three'].map((title) => patch(slug, { title, version: 1 })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  test('404 for an article that does not exist', async () => {
    expect((await patch('nothing', { version: 1 })).status).toBe(404);
  });
});

describe('publishing', () => {
  const act = (slug: string, verb: string, version: number) =>
    news.request(`/api/articles/${slug}/${verb}`, { method: 'POST', token, body: { version } });

  test('publish shows the article, unpublish hides it, and its time stays', async () => {
    const slug = slugOf(await create({ title: 'On stage' }));
    const published = await act(slug, 'publish', 1);
    expect(published.body).toMatchObject({ status: 'published', publishedAt: news.clock.now.toISOString() });
    expect((await news.request(`/api/articles/${slug}`)).status).toBe(200);
    news.clock.now = new Date(news.clock.now.getTime() + 60_000);
    const hidden = await act(slug, 'unpublish', versionOf(published));
    expect((await news.request(`/api/articles/${slug}`)).status).toBe(404);
    const again = await act(slug, 'publish', versionOf(hidden));
    expect(again.body).toMatchObject({ publishedAt: Object(published.body).publishedAt, version: 4 });
    expect((await act(slug, 'publish', 4)).body).toEqual(again.body);
    expect((await act(slug, 'publish', 3)).status).toBe(409);
  });
});

describe('DELETE /api/articles/{slug}', () => {
  const remove = (slug: string, accessToken: string) =>
    news.request(`/api/articles/${slug}`, {
      method: 'DELETE',
      token: accessToken,
      headers: { 'If-Match': '"1"' },
    });
  const signedInAgo = (seconds: number | undefined) =>
    news.issuer.mintAccessToken({
      roles: ['editor'],
      claims: {
        auth_time: seconds === undefined ? undefined : Math.floor(news.clock.now.getTime() / 1000) - seconds,
      },
    });

  test.each([301, 86_400, undefined])(
    'RFC 9470 §3: 401 insufficient_user_authentication with max_age for a sign-in %s seconds ago',
    async (seconds) => {
      const slug = slugOf(await create({ title: 'Precious' }));
      const answer = await remove(slug, await signedInAgo(seconds));
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(
        /^Bearer realm="api", error="insufficient_user_authentication", .*max_age="300"$/,
      );
      expect(answer.body).toMatchObject({ code: 'fresh-sign-in-required', maxAge: 300 });
      expect((await news.request(`/api/articles/${slug}/editable`, { token })).status).toBe(200);
    },
  );

  test('204 after a sign-in of the last 5 minutes, and readers lose what they saved of it', async () => {
    await news.addArticle({ slug: 'doomed' });
    const reader = await news.issuer.mintAccessToken({ subject: 'reader' });
    await news.request('/api/saved/doomed', { method: 'PUT', token: reader });
    expect((await remove('doomed', await signedInAgo(299))).status).toBe(204);
    expect((await news.request('/api/articles/doomed')).status).toBe(404);
    expect(slugsOf(await news.request('/api/saved', { token: reader }))).toEqual([]);
  });

  test('403, not 401, for somebody who is no editor', async () => {
    const reader = await news.issuer.mintAccessToken({ roles: ['reader'] });
    expect((await remove('anything', reader)).status).toBe(403);
  });
});

describe('preview', () => {
  test('renders as the article will be, stores nothing, and draws a known picture', async () => {
    const preview = (body: object) => news.request('/api/preview', { method: 'POST', token, body });
    const answer = await preview({
      body: draft.body,
      picture: { motif: 'lighthouse', palette: 'dawn', alt: '' },
    });
    expect(answer.body).toMatchObject({ html: '<p>It was <strong>quiet</strong>.</p>', readingMinutes: 1 });
    expect(String(Object(answer.body).pictureSvg)).toMatch(/^<svg /);
    const unknown = await preview({
      body: draft.body,
      picture: { motif: 'unicorn', palette: 'dawn', alt: '' },
    });
    expect(unknown.body).toMatchObject({ pictureSvg: null });
  });

  test('the form can offer every motif and palette', async () => {
    const { body } = await news.request('/api/picture-options', { token });
    expect(Object(body).motifs).toContain('lighthouse');
    expect(Object(body).palettes).toContain('dawn');
  });
});
