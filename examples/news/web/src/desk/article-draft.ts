import type {
  ArticleBody,
  EditableArticle,
  NewArticle,
  PictureDescription,
} from '@latchkey-examples/news-api/contract';

/** The fields of the form, as they are typed. */
export interface ArticleDraft {
  readonly title: string;
  readonly summary: string;
  readonly topic: string;
  readonly source: string;
  readonly author: string;
  /** Separated by commas. */
  readonly tags: string;
  readonly format: ArticleBody['format'];
  readonly text: string;
  readonly picture: PictureDescription | undefined;
}

/** An empty form. */
export function emptyDraft(author: string): ArticleDraft {
  return {
    title: '',
    summary: '',
    topic: '',
    source: '',
    author,
    tags: '',
    format: 'markdown',
    text: '',
    picture: undefined,
  };
}

/** The form of an article that exists. */
export function draftOf(article: EditableArticle): ArticleDraft {
  return {
    title: article.title,
    summary: article.summary,
    topic: article.topic.key,
    source: article.source.key,
    author: article.author,
    tags: article.tags.join(', '),
    format: article.body.format,
    text: article.body.text,
    picture: article.pictureDescription,
  };
}

/** What is sent to store the form. */
export function inputOf(draft: ArticleDraft): NewArticle {
  const { title, summary, topic, source, author, format, text, picture } = draft;
  return {
    title: title.trim(),
    summary: summary.trim(),
    topic,
    source,
    author: author.trim(),
    tags: tagsOf(draft.tags),
    body: { format, text },
    ...(picture === undefined ? {} : { picture }),
  };
}

function tagsOf(text: string): string[] {
  const tags = text.split(',').map((tag) => tag.trim().replace(/\s+/g, ' '));
  return [...new Set(tags.filter((tag) => tag !== ''))];
}

/** A problem per field, found before anything is sent; empty when all is filled in. */
export function findMissing(draft: ArticleDraft): ReadonlyMap<string, string> {
  const problems: readonly (readonly [string, boolean, string])[] = [
    ['title', draft.title.trim() === '', 'Enter a title.'],
    ['summary', draft.summary.trim() === '', 'Enter a summary of one or two sentences.'],
    ['topic', draft.topic === '', 'Choose a topic.'],
    ['source', draft.source === '', 'Choose a source.'],
    ['author', draft.author.trim() === '', 'Enter the name of the author.'],
    ['body', draft.text.trim() === '', 'Write the article.'],
  ];
  return new Map(problems.filter(([, isMissing]) => isMissing).map(([field, , message]) => [field, message]));
}
