import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NewsUnderTest, slugsOf, startNews } from '../../test-support/news-under-test.ts';
import { importFeed } from './import-feed.ts';

let news: NewsUnderTest;
let folder: string;
let server: Server;
let origin: string;
let respond: (response: ServerResponse, path: string) => void = () => undefined;
let files = 0;

beforeAll(async () => {
  news = await startNews();
  folder = await mkdtemp(join(tmpdir(), 'news-import-'));
  server = createServer((request, response) => respond(response, request.url ?? '')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await news.close();
  await rm(folder, { recursive: true });
});

async function importText(content: string | Buffer, topic: string | undefined = 'science') {
  files += 1;
  const location = join(folder, `feed-${files}`);
  await writeFile(location, content);
  return await importFeed(news.db, { location, topic }, news.clock.now);
}

const rss = (items: string, title = 'The Wire Service') =>
  `<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>${title}</title><link>https://wire.example/</link>${items}</channel></rss>`;
const item = (id: string, rest = '') =>
  `<item><guid>${id}</guid><title>Item ${id}</title><description>Text of ${id}.</description>${rest}</item>`;
const articleOf = async (slug: string) => Object((await news.request(`/api/articles/${slug}`)).body);

describe('formats', () => {
  test('RSS 2.0: text, author, date, link, categories; the feed is the source', async () => {
    const report = await importText(
      rss(
        `<item><guid>r1</guid><title>Rain &amp; <![CDATA[<b>wind</b>]]></title><link>/rain</link><pubDate>Sat, 28 Nov 2026 08:00:00 GMT</pubDate>
         <dc:creator>Luke Howard</dc:creator><category>Weather</category><description>Short.</description>
         <content:encoded><![CDATA[<h1>Rain</h1><p>Long <a href="/more">text</a>.</p>]]></content:encoded></item>`,
      ),
    );
    expect(report).toEqual({ imported: 1, known: 0, problems: [] });
    expect(await articleOf('rain-wind')).toMatchObject({
      title: 'Rain & wind',
      summary: 'Short.',
      author: 'Luke Howard',
      publishedAt: '2026-11-28T08:00:00.000Z',
      link: 'https://wire.example/rain',
      source: { key: 'the-wire-service', name: 'The Wire Service' },
      tags: ['weather'],
      html: '<h2>Rain</h2><p>Long <a href="https://wire.example/more" rel="noopener noreferrer">text</a>.</p>',
    });
  });

  test('Atom: HTML and plain text each as what it says it is', async () => {
    await importText(`<feed xmlns="http://www.w3.org/2005/Atom"><title>Atomic</title><id>urn:a</id><updated>2026-11-01T00:00:00Z</updated>
      <entry><id>urn:a:1</id><title type="text">1 &lt; 2</title><updated>2026-11-01T00:00:00Z</updated>
      <link rel="self" href="https://a.example/self"/><link href="https://a.example/1"/><author><name>Niels</name></author>
      <content type="html">&lt;p&gt;As &lt;i&gt;HTML&lt;/i&gt;&lt;/p&gt;</content></entry>
      <entry><id>urn:a:2</id><title>Plain</title><updated>2026-11-01T00:00:00Z</updated><content>a &lt;b&gt; c</content></entry></feed>`);
    expect(await articleOf('1-2')).toMatchObject({
      title: '1 < 2',
      author: 'Niels',
      link: 'https://a.example/1',
      html: '<p>As <em>HTML</em></p>',
    });
    expect(await articleOf('plain')).toMatchObject({ html: 'a &lt;b&gt; c', author: 'Atomic' });
  });

  test('JSON Feed: HTML or text', async () => {
    const items = [
      { id: '1', url: 'https://j.example/1', title: 'Json one', content_html: '<p>One</p>', tags: ['A'] },
      {
        id: '2',
        title: 'Json two',
        content_text: 'Two <script>\n\nmore',
        date_published: '2026-11-02T10:00:00+02:00',
      },
    ];
    await importText(
      JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', title: 'Jsonists', items }),
    );
    expect(await articleOf('json-one')).toMatchObject({ html: '<p>One</p>', tags: ['a'] });
    expect(await articleOf('json-two')).toMatchObject({
      html: '<p>Two &lt;script&gt;</p>\n<p>more</p>',
      publishedAt: '2026-11-02T08:00:00.000Z',
    });
  });

  test('without a chosen topic the category decides', async () => {
    const feed = rss(item('c1', '<category>CULTURE</category>') + item('c2'), 'Categories');
    files += 1;
    const location = join(folder, `feed-${files}`);
    await writeFile(location, feed);
    const report = await importFeed(news.db, { location }, news.clock.now);
    expect(report).toMatchObject({ imported: 1, problems: [{ item: 2, field: 'category' }] });
    expect(await articleOf('item-c1')).toMatchObject({ topic: { key: 'culture' } });
  });
});

describe('again', () => {
  test('a second import adds nothing; a new item is added; what editors changed stays', async () => {
    const first = rss(item('a') + item('b'), 'Repeater');
    expect(await importText(first)).toMatchObject({ imported: 2, known: 0 });
    const change = { title: 'Edited' };
    await news.db.updateTable('articles').set(change).where('external_id', '=', 'a').execute();
    expect(await importText(first)).toMatchObject({ imported: 0, known: 2 });
    expect(await importText(rss(item('a') + item('c'), 'Repeater'))).toMatchObject({ imported: 1, known: 1 });
    expect(await articleOf('item-a')).toMatchObject({ title: 'Edited' });
  });

  test('the same ID at another source, and the same title, are another article', async () => {
    expect(await importText(rss(item('a'), 'Other source'))).toMatchObject({ imported: 1 });
    const slugs = slugsOf(await news.request('/api/articles?source=other-source'));
    expect(slugs).toEqual([expect.stringMatching(/^item-a-[0-9a-f]{8}$/)]);
  });
});

describe('what items contain', () => {
  test.each([
    ['<script>alert(1)</script>', ''],
    ['<img src="https://spy.example/pixel.gif" onerror="alert(1)">', ''],
    ['<a href="javascript:alert(1)">x</a>', '<a rel="noopener noreferrer">x</a>'],
    ['<p style="position:fixed" onclick="x()">y</p>', '<p>y</p>'],
    ['<iframe src="https://evil.example"></iframe>', ''],
    ['<svg><script>alert(1)</script></svg>', ''],
    ['<form action="https://evil.example"><input name="password"></form>', ''],
    ['<base href="https://evil.example/">', ''],
  ])('%s is cleaned', async (html, cleaned) => {
    const id = `clean-${files}`;
    await importText(
      rss(
        `<item><guid>${id}</guid><title>${id}</title><description><![CDATA[ok ${html}]]></description></item>`,
        'Unclean',
      ),
    );
    expect((await articleOf(id)).html).toBe(`ok ${cleaned}`.trim());
  });

  test('a link without http(s), a wrong date, no title, no text and no ID are named with item and field; the others come in', async () => {
    const items = [
      item('good'),
      item('bad-link', '<link>javascript:alert(1)</link>'),
      item('bad-date', '<pubDate>yesterday-ish</pubDate>'),
      '<item><guid>untitled</guid><description>x</description></item>',
      '<item><guid>empty</guid><title>t</title><description><![CDATA[<img src=x>]]></description></item>',
      '<item><title>anonymous</title><description>x</description></item>',
    ];
    const report = await importText(rss(items.join(''), 'Sloppy'));
    expect(report.imported).toBe(1);
    expect(report.problems.map((problem) => [problem.item, problem.field])).toEqual([
      [2, 'link'],
      [3, 'date'],
      [4, 'title'],
      [5, 'content'],
      [6, 'id'],
    ]);
    expect(report.problems[1]?.detail).toContain('yesterday-ish');
  });

  test('a date in the future counts as now', async () => {
    await importText(rss(item('future', '<pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate>'), 'Prophets'));
    expect(await articleOf('item-future')).toMatchObject({ publishedAt: news.clock.now.toISOString() });
  });
});

describe('feeds that are refused as a whole', () => {
  test.each([
    ['a page', '<!doctype html><html><body>Hello</body></html>', /neither RSS/],
    ['words', 'hello', /neither RSS/],
    ['nothing', '', /neither RSS/],
    ['broken JSON', '{"version": "https://jsonfeed.org/version/1.1", "items": [', /JSON/],
    ['a feed that is cut off', rss(item('x')).slice(0, -20), /cut off|malformed/],
    [
      'RSS without a title',
      '<rss version="2.0"><channel><item><guid>1</guid></item></channel></rss>',
      /no title/,
    ],
    [
      'entity bombs',
      `<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${rss(item('&b;'))}`,
      /entities/,
    ],
    [
      'external entities',
      `<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]>${rss(item('&f;'))}`,
      /entities/,
    ],
    ['entities behind a comment', `<!-- > --><!DOCTYPE r [<!ENTITY f "x">]>${rss(item('&f;'))}`, /entities/],
    ['more items than allowed', rss(item('x').repeat(2_001), 'Flood'), /2001 items/],
    ['a file of 11 MB', Buffer.alloc(11_000_000, ' '), /longer than 10 MB/],
  ])('%s', async (_name, content, message) => {
    await expect(importText(content)).rejects.toThrow(message);
  });

  test('tags nested ten thousand deep end in an error or a short text, not in a crash', async () => {
    const nested = `${'<div>'.repeat(10_000)}deep${'</div>'.repeat(10_000)}`;
    const report = await importText(
      rss(
        `<item><guid>deep</guid><title>Deep</title><description><![CDATA[${nested}]]></description></item>`,
        'Abyss',
      ),
    );
    expect(report.imported + report.problems.length).toBe(1);
  });

  test('an unknown topic is named with those there are; a missing file is named', async () => {
    await expect(importText(rss(item('x')), 'astrology')).rejects.toThrow(
      /"astrology".*science, business, culture/,
    );
    const missing = { location: join(folder, 'missing.xml') };
    await expect(importFeed(news.db, missing, news.clock.now)).rejects.toThrow(/missing\.xml/);
  });
});

describe('encodings', () => {
  const declared = (encoding: string, title: string, feed: string) =>
    rss(`<item><guid>${feed}</guid><title>${title}</title><description>x</description></item>`, feed).replace(
      '<?xml version="1.0"?>',
      `<?xml version="1.0" encoding="${encoding}"?>`,
    );

  test('the declared one is used', async () => {
    await importText(Buffer.from(declared('ISO-8859-1', 'Caf\xe9 latin', 'Latin'), 'latin1'));
    expect(await articleOf('cafe-latin')).toMatchObject({ title: 'Café latin' });
  });

  test('a byte order mark wins over the declaration', async () => {
    const utf16 = Buffer.from(`\ufeff${declared('utf-8', 'Größe', 'Utf16')}`, 'utf16le');
    await importText(utf16);
    expect(await articleOf('grosse')).toMatchObject({ title: 'Größe' });
  });

  test.each([
    [
      'bytes that are not in it',
      Buffer.from(declared('utf-8', 'Caf\xe9', 'Wrong'), 'latin1'),
      /not utf-8.*XML declaration/,
    ],
    ['an unknown one', Buffer.from(declared('klingon', 'x', 'Wrong')), /"klingon".*not known/],
    ['UTF-16 without a mark', Buffer.from(declared('utf-8', 'x', 'Wrong'), 'utf16le'), /U\+0000/],
  ])('%s: the error says which and who said so', async (_name, bytes, message) => {
    await expect(importText(bytes)).rejects.toThrow(message);
  });
});

describe('over HTTP', () => {
  const importUrl = (path: string) =>
    importFeed(news.db, { location: `${origin}${path}`, topic: 'science' }, news.clock.now);

  test('redirects are followed and the charset of the header counts', async () => {
    respond = (response, path) => {
      if (path === '/old') response.writeHead(301, { location: '/new' }).end();
      else {
        response.writeHead(200, { 'content-type': 'text/xml; charset=windows-1252' });
        response.end(Buffer.from(rss(item('http', '<category>\x80uro</category>'), 'Http'), 'latin1'));
      }
    };
    expect(await importUrl('/old')).toMatchObject({ imported: 1 });
    expect(await articleOf('item-http')).toMatchObject({ tags: ['€uro'] });
  });

  test('a redirect without end and one to a file are refused', async () => {
    respond = (response) => response.writeHead(302, { location: '/again' }).end();
    await expect(importUrl('/again')).rejects.toThrow(/redirects more than 5 times/);
    respond = (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end();
    await expect(importUrl('/file')).rejects.toThrow(/not an http\(s\) address/);
  });

  test('a bomb of 50 MB behind a compression is stopped at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 'x'));
    respond = (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    await expect(importUrl('/bomb')).rejects.toThrow(/longer than 10 MB/);
  });

  test('a refusal and a closed port are named', async () => {
    respond = (response) => response.writeHead(404).end();
    await expect(importUrl('/nothing')).rejects.toThrow(/status 404/);
    const closed = { location: 'http://127.0.0.1:1/feed', topic: 'science' };
    await expect(importFeed(news.db, closed, news.clock.now)).rejects.toThrow(
      /127\.0\.0\.1:1\/feed cannot be fetched/,
    );
  });
});
