import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react';

/** A short message at the edge of the page. Problems stay until they are dismissed. */
export interface Notice {
  readonly kind: 'success' | 'problem';
  readonly title: string;
  readonly advice?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

const SUCCESS_MS = 5_000;

const NoticeContext = createContext<((notice: Notice) => void) | undefined>(undefined);

/** Shows what `useNotify` is given: the last message replaces the one before. */
export function NoticeProvider({ children }: { readonly children: ReactNode }) {
  const [notice, setNotice] = useState<Notice>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const notify = useCallback((next: Notice | undefined) => {
    clearTimeout(timer.current);
    setNotice(next);
    if (next?.kind === 'success') timer.current = setTimeout(() => setNotice(undefined), SUCCESS_MS);
  }, []);
  const value = useMemo(() => (next: Notice) => notify(next), [notify]);
  return (
    <NoticeContext value={value}>
      {children}
      <div className="notices" aria-live="polite">
        {notice === undefined ? null : (
          <div className="notice" data-kind={notice.kind} data-testid="notice">
            <div>
              <p className="notice-title">{notice.title}</p>
              {notice.advice === undefined ? null : <p>{notice.advice}</p>}
            </div>
            {notice.action === undefined ? null : (
              <button
                type="button"
                className="button-link"
                onClick={() => {
                  notify(undefined);
                  notice.action?.run();
                }}
              >
                {notice.action.label}
              </button>
            )}
            <button
              type="button"
              className="icon-button"
              aria-label="Dismiss"
              onClick={() => notify(undefined)}
            >
              <span aria-hidden="true">×</span>
            </button>
          </div>
        )}
      </div>
    </NoticeContext>
  );
}

/** Shows a message. */
export function useNotify(): (notice: Notice) => void {
  const notify = useContext(NoticeContext);
  if (notify === undefined) throw new Error('There is no <NoticeProvider> above this component.');
  return notify;
}
