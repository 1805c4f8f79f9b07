import { useState } from 'react';
import { Link } from 'react-router';
import { useApi } from '../api/api-context.tsx';
import { describeFailure } from '../api/describe-failure.ts';
import { usePages } from '../api/use-resource.ts';
import { Age } from '../articles/age.tsx';
import { ArticleCard } from '../articles/article-card.tsx';
import { ArticleList } from '../articles/article-list.tsx';
import { ConfirmDialog } from '../frame/confirm-dialog.tsx';
import { useNotify } from '../frame/notices.tsx';
import type { Reader } from './reader-context.tsx';
import { ReaderPage } from './reader-page.tsx';
import { usePreferences } from './use-preferences.ts';

/** The articles a reader has read, with the way to forget them. */
export function HistoryPage() {
  return (
    <ReaderPage title="Reading history" intro="Only you see this. It helps to rank your feed.">
      {(reader) => <History reader={reader} />}
    </ReaderPage>
  );
}

function History({ reader }: { readonly reader: Reader }) {
  const { api } = useApi();
  const pages = usePages(reader.key('history'), (page) => api.history(page));
  const { preferences } = usePreferences(reader);
  const isOff = preferences?.isHistoryOn === false;
  return (
    <>
      <div className="toolbar">
        <p>
          {isOff
            ? 'Your history is switched off: nothing new is recorded. '
            : 'Articles you open are recorded. '}
          <Link to="/preferences#history">{isOff ? 'Switch it on' : 'Switch it off'}</Link>
        </p>
        {(pages.data?.items.length ?? 0) > 0 ? <ClearButton reader={reader} /> : null}
      </div>
      <ArticleList
        pages={pages}
        keyOf={({ article }) => article.slug}
        render={({ article, readAt }) => (
          <ArticleCard article={article} variant="row">
            <p className="reason">
              Read <Age at={readAt} />
            </p>
          </ArticleCard>
        )}
        empty={<p>Your history is empty.</p>}
      />
    </>
  );
}

function ClearButton({ reader }: { readonly reader: Reader }) {
  const { api, cache } = useApi();
  const notify = useNotify();
  const [step, setStep] = useState<'closed' | 'asking' | 'clearing'>('closed');
  const clear = async () => {
    setStep('clearing');
    try {
      await api.clearHistory();
      cache.update(reader.key('history'), () => ({ items: [], nextCursor: null }));
      cache.expire(reader.key('feed'));
      notify({ kind: 'success', title: 'Your reading history is cleared' });
    } catch (error) {
      const { title, advice } = describeFailure(error);
      notify({ kind: 'problem', title, advice });
    }
    setStep('closed');
  };
  return (
    <>
      <button type="button" className="button" data-testid="clear-history" onClick={() => setStep('asking')}>
        Clear history
      </button>
      {step === 'closed' ? null : (
        <ConfirmDialog
          title="Clear your reading history?"
          confirm="Clear history"
          isDangerous
          isBusy={step === 'clearing'}
          onConfirm={() => void clear()}
          onCancel={() => setStep('closed')}
        >
          <p>The list of articles you have read is deleted. Saved articles stay.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
