import { OctagonX } from 'lucide-react';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { RelativeTime } from '../kit/status.tsx';
import { homeMessages } from './messages.ts';
import { originOf } from './snippets.ts';
import { type Refusal, useAllowRedirect } from './use-first-run.ts';

interface LastRefusalProps {
  readonly refusal: Refusal;
  /** Where the application lets people come back to; empty for an API. */
  readonly redirectUris: readonly string[];
}

/**
 * Anybody can send a request with any address, and one press of a button must not let codes go there: only addresses of
 * this computer, and of an origin people come back to already, are offered.
 */
function mayBecome(uri: string | null, known: readonly string[]): uri is string {
  if (uri === null || known.includes(uri) || !URL.canParse(uri)) return false;
  const { protocol, hostname, origin } = new URL(uri);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return known.length > 0 && (isLocal || known.some((each) => originOf(each) === origin));
}

/** What the application was refused last, in the server's own words, and a button that mends it where one can. */
export function LastRefusal({ refusal, redirectUris }: LastRefusalProps) {
  const t = useText(homeMessages);
  const allow = useAllowRedirect();
  const { reason, redirectUri, at, applicationId } = refusal;
  return (
    <div className="hint hint-bad" role="status">
      <OctagonX size={16} aria-hidden />
      <div className="stack-small">
        <p>
          <strong>{t('refused')}</strong> <RelativeTime time={at} />
        </p>
        <p>{reason}</p>
        {mayBecome(redirectUri, redirectUris) && (
          <div>
            <Button isBusy={allow.isPending} onClick={() => allow.mutate({ applicationId, redirectUri })}>
              {t('allowRedirect')} <code>{redirectUri}</code>
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}
