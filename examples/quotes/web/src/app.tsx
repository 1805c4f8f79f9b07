import { useAuth } from '@latchkey/react';
import { FlowPanel } from './flow/flow-panel.tsx';
import { SignedInStage } from './signed-in-stage.tsx';
import { SignedOutStage } from './signed-out-stage.tsx';
import type { QuotationSource } from './use-quotation.ts';

/** The one page of this product. */
export function App({ source }: { readonly source: QuotationSource }) {
  const { status, signOut } = useAuth();
  // Signed out here in any case; what may fail is only the way to Latchkey, whose session then goes on.
  const leave = () => signOut({ returnTo: '/' }).catch(() => window.location.assign('/'));
  return (
    <div className="shell">
      <header className="masthead">
        <p className="wordmark">
          <span aria-hidden="true">“</span>Quotes
        </p>
        {status === 'signed-in' ? (
          <button type="button" className="button-quiet" data-testid="sign-out" onClick={leave}>
            Sign out
          </button>
        ) : null}
      </header>
      <main className="stage">
        <div className="stage-inner">
          <Stage source={source} />
        </div>
      </main>
      <FlowPanel log={source.log} />
    </div>
  );
}

function Stage({ source }: { readonly source: QuotationSource }) {
  const { status } = useAuth();
  switch (status) {
    case 'loading':
      return (
        <p className="waiting" role="status">
          One moment…
        </p>
      );
    case 'signed-in':
      return <SignedInStage source={source} />;
    default:
      return <SignedOutStage issuer={source.config.issuer} />;
  }
}
