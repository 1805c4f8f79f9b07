import { useAuthFetch } from '@latchkey/react';
import { useState } from 'react';
import { describeAuthProblem } from './auth-problem.ts';
import { describeIntrospection, describeQuoteCall } from './flow/describe-api-call.ts';
import type { FlowLog } from './flow/flow-log.ts';
import type { Problem } from './problem.tsx';
import type { ApiFailure, Quotation, QuotesApi } from './quotes-api.ts';
import type { RuntimeConfig } from './runtime-config.ts';

/** What asking for quotations needs. */
export interface QuotationSource {
  readonly api: QuotesApi;
  readonly config: RuntimeConfig;
  readonly log: FlowLog;
}

/** The quotation shown now, why there is no newer one, and `generate` to ask for the next. */
export function useQuotation({ api, config, log }: QuotationSource) {
  const authFetch = useAuthFetch();
  const [quotation, setQuotation] = useState<Quotation>();
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);

  const ask = async (): Promise<Problem | undefined> => {
    try {
      const outcome = await api.fetchQuotation(authFetch);
      log.record(describeQuoteCall(config.apiUrl, outcome, tokenTypeIn(log), Date.now()));
      if (outcome.kind !== 'ok') return describeApiProblem(outcome, config);
      setQuotation(outcome.body);
      const seen = await api.fetchSeenByApi(authFetch);
      if (seen.kind === 'ok') log.record(describeIntrospection(seen.body, Date.now()));
      return undefined;
    } catch (error) {
      return describeAuthProblem(error, config.issuer);
    }
  };

  const generate = async () => {
    if (isBusy) return;
    setBusy(true);
    setProblem(await ask());
    setBusy(false);
  };
  return { quotation, problem, isBusy, generate };
}

// The SDK chooses how to send the token; what kind it is came with it.
function tokenTypeIn(log: FlowLog): 'Bearer' | 'DPoP' {
  const rows = log.getSnapshot().flatMap(({ sections }) => sections.flatMap((section) => section.rows));
  const type = rows.findLast(({ name }) => name === 'token_type')?.value;
  return type?.toLowerCase() === 'bearer' ? 'Bearer' : 'DPoP';
}

function describeApiProblem(failure: ApiFailure, { apiUrl, issuer }: RuntimeConfig): Problem {
  if (failure.kind === 'unreachable') {
    return {
      title: 'The Quotes API does not answer',
      advice: `Nobody answers at ${apiUrl}. Start examples/quotes/api with WEB_ORIGIN=${window.location.origin}, then try again.`,
    };
  }
  switch (failure.status) {
    case 401:
      return {
        title: 'The API did not accept your access token',
        advice:
          'It has ended, was taken back, or is not meant for this API. Sign out and in again; if it stays so, check that page and API are in the same project (PROJECT_ID).',
      };
    case 503:
      return {
        title: 'The API cannot check your token right now',
        advice: `It got no answer from Latchkey at ${issuer}. Your sign-in is not lost: try again in a moment.`,
      };
    default:
      return { title: `The API answered ${failure.status}`, advice: failure.description };
  }
}
