import type { ArticleDraft } from './article-draft.ts';

/** What a group of fields is given. */
export interface FieldsProps {
  readonly draft: ArticleDraft;
  /** A problem by the field it belongs to. */
  readonly problems: ReadonlyMap<string, string>;
  readonly onChange: (part: Partial<ArticleDraft>) => void;
}
