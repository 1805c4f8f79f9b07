import type { ApiOutcome, Quotation, SeenByApi } from '../quotes-api.ts';
import { claimNotes } from './flow-notes.ts';
import { type FlowStep, MASK, rowsOf } from './flow-step.ts';

const proofRow = {
  name: 'DPoP',
  value: MASK,
  note: 'A proof, signed for this very request with a key that cannot leave this browser. Without it the token is worth nothing.',
};

/** The call for a quotation, as it left the browser and as it was answered. */
export function describeQuoteCall(
  apiUrl: string,
  outcome: ApiOutcome<Quotation>,
  tokenType: 'Bearer' | 'DPoP',
  at: number,
): FlowStep {
  const request = {
    title: 'The request',
    rows: [
      { name: 'GET', value: `${apiUrl}/api/quote` },
      {
        name: 'Authorization',
        value: `${tokenType} ${MASK}`,
        note: 'The access token. The ID token stays in the browser: it is not for APIs.',
      },
      ...(tokenType === 'DPoP' ? [proofRow] : []),
    ],
  };
  const answered = outcome.kind === 'unreachable' ? 'no answer' : outcome.status;
  const wire = `GET ${apiUrl}/api/quote · ${answered}`;
  const step = { key: 'api-call', at, from: 'Browser', to: 'Quotes API', wire } as const;
  if (outcome.kind === 'ok') {
    return {
      ...step,
      title: `Asks for a quotation, gets ${outcome.status}`,
      explanation:
        'The API holds no session. Each request brings its access token, and each time the API checks it.',
      outcome: 'ok',
      sections: [request, { title: `The answer, ${outcome.status}`, rows: rowsOf({ ...outcome.body }, {}) }],
    };
  }
  if (outcome.kind === 'unreachable') {
    return {
      ...step,
      title: 'Asks for a quotation, hears nothing',
      explanation:
        'No answer came back: the API is not running, or it does not allow this page’s origin (CORS).',
      outcome: 'problem',
      sections: [request],
    };
  }
  return {
    ...step,
    title: `Asks for a quotation, gets ${outcome.status}`,
    explanation: outcome.description,
    outcome: 'problem',
    sections: [request],
  };
}

/** What the API learnt about the token before it answered. */
export function describeIntrospection(seen: SeenByApi, at: number): FlowStep {
  const { method, header, note } = seen.authentication;
  return {
    key: 'introspection',
    at,
    from: 'Quotes API',
    to: 'Latchkey',
    title: 'Asks whether the token is good',
    wire: `introspection · active: ${String(seen.answer.active)}`,
    explanation:
      'Before answering, the API showed the token to Latchkey (introspection). So a sign-out or a locked account counts at once.',
    outcome: 'ok',
    sections: [
      {
        title: 'How the API proved who it is',
        rows: [
          { name: 'method', value: method },
          { name: 'sent', value: header, note },
        ],
      },
      { title: 'Latchkey’s answer, as the API saw it', rows: rowsOf(seen.answer, claimNotes) },
    ],
  };
}
