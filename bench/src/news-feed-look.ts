/** A look at the feed of the news portal while working: `tsx bench/src/news-feed-look.ts`; ARTICLES, READERS and SAMPLES are read from the environment. */
import { measureNewsFeed } from './news-feed.ts';

const { p50Ms, p99Ms, ...sizes } = await measureNewsFeed({
  articleCount: Number(process.env.ARTICLES ?? 1_000_000),
  readerCount: Number(process.env.READERS ?? 10_000),
  samples: Number(process.env.SAMPLES ?? 500),
});
console.table([{ ...sizes, p50: p50Ms.toFixed(1), p99: p99Ms.toFixed(1) }]);
