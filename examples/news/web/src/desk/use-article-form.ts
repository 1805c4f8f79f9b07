import type { EditableArticle } from '@latchkey-examples/news-api/contract';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../api/api-context.tsx';
import { describeFailure } from '../api/describe-failure.ts';
import { ApiFailure } from '../api/request.ts';
import { useNotify } from '../frame/notices.tsx';
import type { Reader } from '../reader/reader-context.tsx';
import { type ArticleDraft, draftOf, emptyDraft, findMissing, inputOf } from './article-draft.ts';
import { fieldsOf } from './field-problems.ts';
import { forgetChanged } from './stale-articles.ts';

export type Action = 'save' | 'publish' | 'unpublish';

interface FormOptions {
  readonly reader: Reader;
  /** Undefined for an article that is not stored yet. */
  readonly article: EditableArticle | undefined;
  readonly author: string;
  /** Called before the page is left on purpose. */
  readonly onLeave: () => void;
}

const successes: Record<Action, string> = {
  save: 'Saved',
  publish: 'Published',
  unpublish: 'Unpublished: it is a draft again',
};

/** The form of an article: what is typed, what is wrong with it, and what is done with it. */
export function useArticleForm({ reader, article, author, onLeave }: FormOptions) {
  const { api, cache } = useApi();
  const navigate = useNavigate();
  const notify = useNotify();
  const [base, setBase] = useState(article);
  const [draft, setDraft] = useState(() => (article === undefined ? emptyDraft(author) : draftOf(article)));
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const [busy, setBusy] = useState<Action>();
  const stored = base === undefined ? emptyDraft(author) : draftOf(base);
  const isDirty = JSON.stringify(stored) !== JSON.stringify(draft);

  const load = (newer: EditableArticle) => {
    setBase(newer);
    setDraft(draftOf(newer));
  };
  const store = async (): Promise<EditableArticle> => {
    if (base === undefined) return await api.create(inputOf(draft));
    return isDirty ? await api.change(base.slug, base.version, inputOf(draft)) : base;
  };
  const perform = async (action: Action): Promise<void> => {
    let current = await store();
    // From here on the changes are stored, also when publishing fails.
    if (base !== undefined) load(current);
    forgetChanged(cache, reader, current);
    if (action !== 'save') {
      const { slug, version } = current;
      current = await (action === 'publish' ? api.publish(slug, version) : api.unpublish(slug, version));
      forgetChanged(cache, reader, current);
    }
    notify({ kind: 'success', title: successes[action] });
    if (base !== undefined) return load(current);
    onLeave();
    await navigate(`/desk/${current.slug}`, { replace: true });
  };
  const report = (error: unknown) => {
    if (error instanceof ApiFailure && error.fields.length > 0) return setProblems(fieldsOf(error.fields));
    const isConflict =
      error instanceof ApiFailure && (error.code === 'version-conflict' || error.status === 412);
    if (isConflict && base !== undefined) {
      return notify({
        kind: 'problem',
        title: 'Somebody else has changed this article',
        advice: 'Copy what you want to keep, then load the stored version.',
        action: { label: 'Load it', run: () => void api.editable(base.slug).then(load, report) },
      });
    }
    const { title, advice } = describeFailure(error);
    notify({ kind: 'problem', title, advice });
  };
  const run = async (action: Action): Promise<void> => {
    if (busy !== undefined) return;
    const missing = findMissing(draft);
    setProblems(missing);
    if (missing.size > 0) return;
    setBusy(action);
    try {
      await perform(action);
    } catch (error) {
      report(error);
    }
    setBusy(undefined);
  };
  const change = (part: Partial<ArticleDraft>) => setDraft((before) => ({ ...before, ...part }));
  return { article: base, draft, change, problems, busy, isDirty, run };
}
