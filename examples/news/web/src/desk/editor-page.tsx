import { useAuth } from '@latchkey/react';
import type { EditableArticle } from '@latchkey-examples/news-api/contract';
import { type FormEvent, useEffect, useRef } from 'react';
import { Link, useParams } from 'react-router';
import { useApi } from '../api/api-context.tsx';
import { useResource } from '../api/use-resource.ts';
import { RowPlaces } from '../articles/article-list.tsx';
import { ProblemNote } from '../frame/problem-note.tsx';
import type { Reader } from '../reader/reader-context.tsx';
import { ReaderPage } from '../reader/reader-page.tsx';
import { ArticleFields } from './article-fields.tsx';
import { DeleteArticle } from './delete-article.tsx';
import { EditorOnly } from './editor-only.tsx';
import { Preview } from './preview.tsx';
import { useArticleForm } from './use-article-form.ts';
import { useLeaveGuard } from './use-leave-guard.tsx';

const INTRO = 'The preview beside the text shows what readers will see.';

/** Writes a new article. */
export function NewArticlePage() {
  return (
    <div className="editor-page">
      <ReaderPage title="New article" intro={INTRO}>
        {(reader) => (
          <EditorOnly reader={reader}>
            <Editor reader={reader} article={undefined} />
          </EditorOnly>
        )}
      </ReaderPage>
    </div>
  );
}

/** Changes an article, publishes, unpublishes or deletes it. */
export function EditArticlePage() {
  const { slug = '' } = useParams();
  return (
    <div className="editor-page">
      <ReaderPage title="Edit article" intro={INTRO}>
        {(reader) => (
          <EditorOnly reader={reader}>
            <Loaded key={slug} slug={slug} reader={reader} />
          </EditorOnly>
        )}
      </ReaderPage>
    </div>
  );
}

function Loaded({ slug, reader }: { readonly slug: string; readonly reader: Reader }) {
  const { api } = useApi();
  const { data, error, reload } = useResource(reader.key(`editable:${slug}`), (signal) =>
    api.editable(slug, signal),
  );
  if (data !== undefined) return <Editor reader={reader} article={data} />;
  return error === undefined ? <RowPlaces count={3} /> : <ProblemNote error={error} onRetry={reload} />;
}

interface EditorProps {
  readonly reader: Reader;
  readonly article: EditableArticle | undefined;
}

function Editor({ reader, article: loaded }: EditorProps) {
  const { user } = useAuth();
  const leave = useRef<() => void>(undefined);
  const form = useArticleForm({
    reader,
    article: loaded,
    author: user?.name ?? '',
    onLeave: () => leave.current?.(),
  });
  const { article, draft, problems, busy, isDirty } = form;
  const { dialog, allowLeaving } = useLeaveGuard(isDirty);
  const element = useFocusOnProblem(problems);
  useEffect(() => {
    leave.current = allowLeaving;
  });
  const save = (event: FormEvent) => {
    event.preventDefault();
    void form.run('save');
  };
  const isPublished = article?.status === 'published';
  return (
    <div className="editor">
      <form className="editor-form" ref={element} onSubmit={save} noValidate>
        <ArticleFields draft={draft} problems={problems} onChange={form.change} />
        <div className="editor-bar">
          <p className="editor-status" role="status" data-testid="editor-status">
            {article === undefined ? 'New' : isPublished ? 'Published' : 'Draft'}
            {isDirty ? ', not saved' : ''}
          </p>
          <button
            type="submit"
            className="button"
            aria-disabled={busy !== undefined}
            data-testid="save-article"
          >
            {busy === 'save' ? 'Saving…' : isPublished ? 'Save changes' : 'Save draft'}
          </button>
          <button
            type="button"
            className={isPublished ? 'button' : 'button button-primary'}
            aria-disabled={busy !== undefined}
            data-testid={isPublished ? 'unpublish' : 'publish'}
            onClick={() => void form.run(isPublished ? 'unpublish' : 'publish')}
          >
            {isPublished ? 'Unpublish' : 'Publish'}
          </button>
          {article === undefined ? null : (
            <DeleteArticle article={article} reader={reader} onLeave={allowLeaving} />
          )}
          {isPublished ? <Link to={`/articles/${article.slug}`}>View</Link> : null}
        </div>
      </form>
      <Preview draft={draft} />
      {dialog}
    </div>
  );
}

function useFocusOnProblem(problems: ReadonlyMap<string, string>) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (problems.size > 0) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [problems]);
  return form;
}
