/** An article a reader saved, as far as others are compared with it. */
export interface SavedFact {
  readonly id: number;
  readonly slug: string;
  readonly title: string;
  readonly topicKey: string;
  readonly tags: readonly string[];
}

/** What a feed is ranked by. */
export interface FeedFacts {
  readonly topics: readonly string[];
  readonly sources: readonly string[];
  readonly mutedTopics: readonly string[];
  readonly mutedSources: readonly string[];
  readonly saved: readonly SavedFact[];
}

/** An article that may be in the feed. `isRead` and `isSaved` are as of the time of the first page. */
export interface FeedCandidate {
  readonly id: number;
  readonly topicKey: string;
  readonly sourceKey: string;
  readonly publishedAt: Date;
  readonly tags: readonly string[];
  readonly isRead: boolean;
  readonly isSaved: boolean;
}

/** What speaks most for an article. */
export type RankReason =
  | { readonly kind: 'topic' }
  | { readonly kind: 'source' }
  | { readonly kind: 'saved-similar'; readonly saved: SavedFact }
  | { readonly kind: 'new' };

export interface RankedArticle<Candidate extends FeedCandidate = FeedCandidate> {
  readonly candidate: Candidate;
  readonly score: number;
  readonly reason: RankReason;
}

// What each reason is worth. Followed topics and sources add up; an article that nothing speaks for still counts a little.
const TOPIC = 1;
const SOURCE = 0.8;
const SIMILAR = 1.2;
const NEW = 0.25;

// After this time an article is worth half.
const HALF_LIFE_HOURS = 36;

// What the reader has dealt with sinks: a saved article is on its own list, one that was read is hardly wanted again.
const READ_FACTOR = 0.1;
const SAVED_FACTOR = 0.3;

// Fewer shared tags than this say nothing.
const LEAST_SIMILARITY = 0.3;

const MS_PER_HOUR = 3_600_000;

/**
 * Orders the articles of a feed, the best first: followed topics and sources and similarity to saved articles add up, age
 * takes away, what was read or saved sinks, what is muted is left out. The same input gives the same order.
 */
export function rankFeed<Candidate extends FeedCandidate>(
  candidates: readonly Candidate[],
  facts: FeedFacts,
  asOf: Date,
): RankedArticle<Candidate>[] {
  const topics = new Set(facts.topics);
  const sources = new Set(facts.sources);
  const mutedTopics = new Set(facts.mutedTopics);
  const mutedSources = new Set(facts.mutedSources);
  const savedTags = new Set(facts.saved.flatMap(({ tags }) => tags));
  return candidates
    .filter(({ topicKey, sourceKey }) => !mutedTopics.has(topicKey) && !mutedSources.has(sourceKey))
    .map((candidate) => {
      // Most articles share no tag with any saved one and need not be compared with each.
      const isComparable = candidate.tags.some((tag) => savedTags.has(tag));
      const similar = isComparable ? findMostSimilar(candidate, facts.saved) : undefined;
      const reasons: { worth: number; reason: RankReason }[] = [{ worth: NEW, reason: { kind: 'new' } }];
      if (topics.has(candidate.topicKey)) reasons.push({ worth: TOPIC, reason: { kind: 'topic' } });
      if (sources.has(candidate.sourceKey)) reasons.push({ worth: SOURCE, reason: { kind: 'source' } });
      if (similar !== undefined) {
        reasons.push({
          worth: SIMILAR * similar.similarity,
          reason: { kind: 'saved-similar', saved: similar.saved },
        });
      }
      const best = reasons.reduce((one, other) => (other.worth > one.worth ? other : one));
      const worth = reasons.reduce((sum, each) => sum + each.worth, 0);
      return { candidate, score: worth * decayOf(candidate, asOf), reason: best.reason };
    })
    .sort(
      (one, other) =>
        other.score - one.score ||
        other.candidate.publishedAt.getTime() - one.candidate.publishedAt.getTime() ||
        other.candidate.id - one.candidate.id,
    );
}

function decayOf(candidate: FeedCandidate, asOf: Date): number {
  const ageHours = Math.max(0, asOf.getTime() - candidate.publishedAt.getTime()) / MS_PER_HOUR;
  const recency = 0.5 ** (ageHours / HALF_LIFE_HOURS);
  return recency * (candidate.isRead ? READ_FACTOR : 1) * (candidate.isSaved ? SAVED_FACTOR : 1);
}

function findMostSimilar(
  candidate: FeedCandidate,
  saved: readonly SavedFact[],
): { readonly saved: SavedFact; readonly similarity: number } | undefined {
  let best: { saved: SavedFact; similarity: number } | undefined;
  for (const each of saved) {
    if (each.id === candidate.id) continue;
    const shared = each.tags.filter((tag) => candidate.tags.includes(tag)).length;
    const similarity = shared / Math.max(1, Math.min(each.tags.length, candidate.tags.length, 4));
    if (similarity >= LEAST_SIMILARITY && similarity > (best?.similarity ?? 0))
      best = { saved: each, similarity };
  }
  return best === undefined ? undefined : { ...best, similarity: Math.min(1, best.similarity) };
}
