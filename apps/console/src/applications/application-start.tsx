import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/use-api.ts';
import { SnippetPicker } from '../home/snippet-picker.tsx';
import { apiSnippets, frontEndSnippets, originOf } from '../home/snippets.ts';
import { useText } from '../i18n/text.ts';
import { applicationMessages } from './messages.ts';

interface ApplicationStartProps {
  readonly clientId: string;
  readonly isApi: boolean;
  readonly redirectUri: string;
  /** The secret while it is known; otherwise a name to be replaced stands in the code. */
  readonly clientSecret?: string | null;
}

/** Code that signs in with this application, or checks tokens as this API. */
export function ApplicationStart(props: ApplicationStartProps) {
  const { clientId, isApi, redirectUri, clientSecret } = props;
  const t = useText(applicationMessages);
  const api = useApi();
  const { data } = useQuery({
    queryKey: ['instance'],
    queryFn: ({ signal }) => api.call('getInstance', { signal }),
    retry: false,
  });
  // Who manages a project alone may not read the instance; the console is served at an issuer in any case.
  const issuer = data?.data.issuer ?? window.location.origin;
  return (
    <section className="stack-small">
      <h2>{t('start')}</h2>
      <p className="muted">{t(isApi ? 'startApiText' : 'startText')}</p>
      {!isApi && <p className="muted">{t('startLifetime')}</p>}
      <SnippetPicker
        snippets={isApi ? apiSnippets : frontEndSnippets}
        facts={{
          ...{ issuer, clientId, redirectUri },
          clientSecret: clientSecret ?? 'YOUR_CLIENT_SECRET',
          frontEndOrigin: originOf(redirectUri),
        }}
      />
    </section>
  );
}
