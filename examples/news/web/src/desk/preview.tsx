import type { Preview as PreviewData } from '@latchkey-examples/news-api/contract';
import { useEffect, useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { describeFailure } from '../api/describe-failure.ts';
import type { ArticleDraft } from './article-draft.ts';

const PAUSE_MS = 250;

/** The article as readers will see it; follows the typing after a short pause. */
export function Preview({ draft }: { readonly draft: ArticleDraft }) {
  const { preview, problem } = usePreview(draft);
  const isEmpty = draft.text.trim() === '';
  return (
    <section className="preview" aria-label="Preview" data-testid="preview">
      <p className="preview-label">
        Preview{preview === undefined || isEmpty ? '' : ` · ${preview.readingMinutes} min read`}
      </p>
      {problem === undefined ? null : <p className="preview-problem">{problem}</p>}
      <div className="reading">
        <h2 className="preview-title">{draft.title === '' ? 'Title' : draft.title}</h2>
        <p className="standfirst">{draft.summary === '' ? 'Summary' : draft.summary}</p>
        <p className="byline">By {draft.author === '' ? 'author' : draft.author}</p>
        {preview === undefined || preview.pictureSvg === null ? null : (
          <img
            className="picture"
            alt={draft.picture?.alt ?? ''}
            width={960}
            height={540}
            src={`data:image/svg+xml,${encodeURIComponent(preview.pictureSvg)}`}
          />
        )}
        <div
          className="prose"
          // biome-ignore lint/security/noDangerouslySetInnerHtml: the API has sanitized it, as its contract says
          dangerouslySetInnerHTML={{ __html: isEmpty ? '' : (preview?.html ?? '') }}
        />
      </div>
    </section>
  );
}

function usePreview({ format, text, picture }: ArticleDraft) {
  const { api } = useApi();
  const [preview, setPreview] = useState<PreviewData>();
  const [problem, setProblem] = useState<string>();
  const { motif, palette } = picture ?? {};
  useEffect(() => {
    const controller = new AbortController();
    const hasPicture = motif !== undefined && palette !== undefined && motif !== '' && palette !== '';
    const load = async () => {
      try {
        setPreview(
          await api.preview(
            {
              // The API renders no empty text, and a picture can be chosen before anything is written.
              body: { format, text: text.trim() === '' ? '…' : text },
              ...(hasPicture ? { picture: { motif, palette, alt: '' } } : {}),
            },
            controller.signal,
          ),
        );
        setProblem(undefined);
      } catch (error) {
        if (!controller.signal.aborted) setProblem(describeFailure(error).title);
      }
    };
    const timer = setTimeout(() => void load(), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [api, format, text, motif, palette]);
  return { preview, problem };
}
