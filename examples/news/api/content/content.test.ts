// @vitest-environment jsdom
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { drawPicture, motifNames, paletteNames } from './pictures/draw-picture.ts';
import { countWords, readingMinutes } from './reading-minutes.ts';

interface Labeled {
  readonly key: string;
  readonly name: string;
  readonly description: string;
}

interface Article {
  readonly slug: string;
  readonly topic: string;
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  readonly author: string;
  readonly hoursAgo: number;
  readonly readingMinutes: number;
  readonly tags: readonly string[];
  readonly picture: { readonly motif: string; readonly palette: string; readonly alt: string };
  readonly body: string;
}

const topics = readLabeled('topics.json');
const sources = readLabeled('sources.json');
const articles = readdirSync(join(import.meta.dirname, 'articles')).flatMap((topic) =>
  readdirSync(join(import.meta.dirname, 'articles', topic)).map((file) => readArticle(topic, file)),
);

function readLabeled(file: string): readonly Labeled[] {
  // cast: the first test checks every field.
  return JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as Labeled[];
}

function readArticle(topic: string, file: string): Article {
  const text = readFileSync(join(import.meta.dirname, 'articles', topic, file), 'utf8');
  const [, frontMatter = '', body = ''] = /^---\n(.+?)\n---\n\n(.+)$/s.exec(text) ?? [];
  try {
    // cast: the tests below check every field.
    const fields = parse(frontMatter) as Omit<Article, 'slug' | 'topic' | 'body'>;
    return { ...fields, slug: file.replace(/\.md$/, ''), topic, body };
  } catch (cause) {
    throw new Error(`The front matter of ${topic}/${file} is not YAML`, { cause });
  }
}

/** The slugs of the articles for which something holds, so that a failure names them. */
const slugsWhere = (holds: (article: Article) => boolean) => articles.filter(holds).map(({ slug }) => slug);

const repeated = (values: readonly string[]) =>
  values.filter((value, index) => values.indexOf(value) !== index);

describe('topics and sources', () => {
  it('there are 8 topics and at least 6 sources, each with a unique key, a name and a description', () => {
    expect(topics).toHaveLength(8);
    expect(sources.length).toBeGreaterThanOrEqual(6);
    for (const list of [topics, sources]) {
      expect(repeated(list.map(({ key }) => key))).toEqual([]);
      for (const { key, name, description } of list) {
        expect(key).toMatch(/^[a-z]+(-[a-z]+)*$/);
        expect(name).toMatch(/^\S.*\S$/);
        expect(description).toMatch(/^[A-Z].+\.$/);
      }
    }
  });

  it('every topic has at least 15 articles, every source at least 5, and there are at least 120', () => {
    expect(articles.length).toBeGreaterThanOrEqual(120);
    for (const { key } of topics)
      expect([key, articles.filter(({ topic }) => topic === key).length >= 15]).toEqual([key, true]);
    for (const { key } of sources)
      expect([key, articles.filter(({ source }) => source === key).length >= 5]).toEqual([key, true]);
  });
});

describe('articles', () => {
  it('every article names a topic and a source that exist', () => {
    expect(slugsWhere(({ topic }) => !topics.some(({ key }) => key === topic))).toEqual([]);
    expect(slugsWhere(({ source }) => !sources.some(({ key }) => key === source))).toEqual([]);
  });

  it('slugs, titles, summaries and ages are unique', () => {
    expect(slugsWhere(({ slug }) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug))).toEqual([]);
    expect(repeated(articles.map(({ slug }) => slug))).toEqual([]);
    expect(repeated(articles.map(({ title }) => title.toLowerCase()))).toEqual([]);
    expect(repeated(articles.map(({ summary }) => summary))).toEqual([]);
    expect(repeated(articles.map(({ hoursAgo }) => String(hoursAgo)))).toEqual([]);
  });

  it('titles, summaries, authors, ages and tags keep their limits', () => {
    const fits = (text: unknown, limit: number) =>
      typeof text === 'string' && text.trim() === text && text.length >= 4 && text.length <= limit;
    expect(slugsWhere(({ title }) => !fits(title, 90))).toEqual([]);
    expect(slugsWhere(({ summary }) => !fits(summary, 220))).toEqual([]);
    expect(slugsWhere(({ author }) => !fits(author, 60))).toEqual([]);
    expect(
      slugsWhere(({ hoursAgo }) => !Number.isInteger(hoursAgo) || hoursAgo < 1 || hoursAgo > 2000),
    ).toEqual([]);
    expect(
      slugsWhere(
        ({ tags }) =>
          tags.length < 2 ||
          tags.length > 4 ||
          repeated(tags).length > 0 ||
          !tags.every((tag) => /^[a-z]+(-[a-z]+)*$/.test(tag)),
      ),
    ).toEqual([]);
  });

  it('every body has 80 to 1,200 words and its reading time is computed from them', () => {
    expect(slugsWhere(({ body }) => countWords(body) < 80 || countWords(body) > 1200)).toEqual([]);
    expect(slugsWhere((article) => article.readingMinutes !== readingMinutes(article.body))).toEqual([]);
  });

  it('links lead to example.com or to an article that exists, and not to the article itself', () => {
    const known = new Set(articles.map(({ slug }) => `/articles/${slug}`));
    const broken = articles.flatMap(({ slug, body }) =>
      [...body.matchAll(/\]\(([^)]*)\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !known.has(target) && !/^https:\/\/(www\.)?example\.com(\/|$)/.test(target))
        .concat(body.includes(`](/articles/${slug})`) ? ['itself'] : [])
        .map((target) => `${slug}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('bodies are plain Markdown without HTML, images or a heading of the first level', () => {
    expect(slugsWhere(({ body }) => /<[a-z/!]|!\[|^# /im.test(body))).toEqual([]);
  });
});

describe('pictures', () => {
  it('every article has a picture with a text for those who cannot see it', () => {
    expect(slugsWhere(({ picture }) => !motifNames.includes(picture.motif))).toEqual([]);
    expect(slugsWhere(({ picture }) => !paletteNames.includes(picture.palette))).toEqual([]);
    expect(slugsWhere(({ picture }) => picture.alt.length < 15 || picture.alt.length > 160)).toEqual([]);
  });

  it('every picture is well-formed SVG of 960 by 540 without scripts, text or references to other files', () => {
    const allowed = /^(svg|defs|linearGradient|stop|g|rect|circle|ellipse|path|polygon)$/;
    const bad = articles.flatMap(({ slug, picture }) => {
      const svg = drawPicture({ ...picture, seed: slug });
      const { documentElement: root } = new DOMParser().parseFromString(svg, 'image/svg+xml');
      const names = [root, ...root.querySelectorAll('*')].map((element) => element.localName);
      const refused = names.filter((name) => !allowed.test(name));
      const fits = root.getAttribute('viewBox') === '0 0 960 540' && names.length > 12;
      const foreign = /href|NaN|undefined|url\((?!#sky-)/.test(svg);
      return refused.length > 0 || !fits || foreign ? [`${slug} (${refused.join(' ')})`] : [];
    });
    expect(bad).toEqual([]);
  });

  it('the same picture is drawn alike every time, and differently for another seed', () => {
    for (const motif of motifNames) {
      for (const palette of paletteNames) {
        const first = drawPicture({ motif, palette, seed: 'one' });
        expect(drawPicture({ motif, palette, seed: 'one' })).toBe(first);
        expect(drawPicture({ motif, palette, seed: 'two' })).not.toBe(first);
      }
    }
  });

  it('an unknown motif or palette is refused', () => {
    expect(() => drawPicture({ motif: 'unicorn', palette: 'day' })).toThrow('Unknown motif: unicorn');
    expect(() => drawPicture({ motif: 'ship', palette: 'neon' })).toThrow('Unknown palette: neon');
    expect(() => drawPicture({ motif: 'constructor', palette: 'day' })).toThrow(RangeError);
  });
});

describe('reading time', () => {
  it('counts words but no marks, and is at least one minute', () => {
    expect(countWords('## Two words\n\n- *one* [link text](/articles/none) — 3')).toBe(6);
    expect(readingMinutes('short')).toBe(1);
    expect(readingMinutes('word '.repeat(500))).toBe(3);
  });
});
