import type { ArticleSummary, Topic } from '@latchkey-examples/news-api/contract';

/** The newest articles in their places on the front page. No article has two places. */
export interface FrontPage {
  readonly lead: ArticleSummary | undefined;
  /** Two stories under the lead. */
  readonly seconds: readonly ArticleSummary[];
  /** The newest after the lead, headlines only. */
  readonly rail: readonly ArticleSummary[];
  readonly sections: readonly { readonly topic: Topic; readonly articles: readonly ArticleSummary[] }[];
}

const SECONDS = 2;
const RAIL = 7;
const IN_SECTION = 4;

/** Places articles, which come newest first: the newest leads, the following fill the rail, then seconds and topics. */
export function composeFrontPage(articles: readonly ArticleSummary[], topics: readonly Topic[]): FrontPage {
  const [lead, ...others] = articles;
  const rail = others.slice(0, RAIL);
  const afterRail = others.slice(RAIL);
  // Two neighbors of different topics look less like a list.
  const first = afterRail[0];
  const second = afterRail.find((article) => article.topic.key !== first?.topic.key) ?? afterRail[1];
  const seconds = [first, second].filter((article) => article !== undefined).slice(0, SECONDS);
  const rest = afterRail.filter((article) => !seconds.includes(article));
  const sections = topics
    .map((topic) => ({
      topic,
      articles: rest.filter((article) => article.topic.key === topic.key).slice(0, IN_SECTION),
    }))
    .filter((section) => section.articles.length > 0);
  return { lead, seconds, rail, sections };
}
