import type { FeedReason } from '@latchkey-examples/news-api/contract';

/** Why an article is in the feed: the words before, the thing they speak of with its page, and the words after. */
export interface ReasonText {
  readonly before: string;
  readonly subject?: { readonly text: string; readonly path: string };
  readonly after: string;
}

/** Says in a line why an article is in the feed. */
export function describeReason(reason: FeedReason): ReasonText {
  switch (reason.kind) {
    case 'topic':
      return {
        before: 'Because you follow ',
        subject: { text: reason.name, path: `/topics/${reason.key}` },
        after: '',
      };
    case 'source':
      return {
        before: 'From ',
        subject: { text: reason.name, path: `/sources/${reason.key}` },
        after: ', which you follow',
      };
    case 'saved-similar':
      return {
        before: 'Similar to ',
        subject: { text: `“${reason.title}”`, path: `/articles/${reason.slug}` },
        after: ', which you saved',
      };
    case 'new':
      return { before: 'New on Tideline', after: '' };
  }
}
