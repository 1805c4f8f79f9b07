import { useAuth } from '@latchkey/react';
import type { ReactNode } from 'react';
import { RowPlaces } from '../articles/article-list.tsx';
import { PageHeading } from '../frame/page-title.tsx';
import { useSignIn } from '../frame/use-sign-in.ts';
import { type Reader, useReader } from './reader-context.tsx';

export interface ReaderPageProps {
  readonly title: string;
  readonly intro: string;
  /** Shown to everybody, under the heading. */
  readonly above?: ReactNode;
  readonly children: (reader: Reader) => ReactNode;
}

/** A page that belongs to a signed-in reader; others are invited to sign in. */
export function ReaderPage({ title, intro, above, children }: ReaderPageProps) {
  const { status, signedOutReason } = useAuth();
  const reader = useReader();
  return (
    <div className="column">
      <PageHeading title={title} intro={intro} />
      {above}
      {reader !== undefined ? children(reader) : null}
      {reader === undefined && status === 'loading' ? <RowPlaces count={3} /> : null}
      {reader === undefined && status !== 'loading' ? (
        <Invitation isExpired={signedOutReason === 'expired'} />
      ) : null}
    </div>
  );
}

function Invitation({ isExpired }: { readonly isExpired: boolean }) {
  const signIn = useSignIn();
  return (
    <div className="invitation" data-testid="invitation">
      <p className="invitation-title">
        {isExpired ? 'Your session has ended' : 'Sign in to make Tideline yours'}
      </p>
      <p>Follow topics and newsrooms, save articles for later, and find again what you have read.</p>
      <button type="button" className="button button-primary" onClick={() => signIn()}>
        Sign in
      </button>
    </div>
  );
}
