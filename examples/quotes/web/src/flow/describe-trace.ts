import type { TraceEvent } from '@latchkey/react';
import { authorizeNotes, callbackNotes, claimNotes, tokenNotes } from './flow-notes.ts';
import { type FlowRow, type FlowSection, type FlowStep, MASK, rowsOf } from './flow-step.ts';

type Detail = TraceEvent['detail'];
type StepText = Pick<FlowStep, 'key' | 'title' | 'wire' | 'explanation' | 'sections'> &
  Partial<Pick<FlowStep, 'outcome'>>;

/** The step that belongs to an event of the SDK, or undefined when it is no message worth a number of its own. */
export function describeTrace(event: TraceEvent): FlowStep | undefined {
  const fromBrowser = (text: StepText): FlowStep => ({
    outcome: 'ok',
    ...text,
    at: event.at,
    from: 'Browser',
    to: 'Latchkey',
  });
  const toBrowser = (text: StepText): FlowStep => ({ ...fromBrowser(text), from: 'Latchkey', to: 'Browser' });
  const { detail } = event;
  switch (event.kind) {
    case 'authorize-request':
      return fromBrowser(describeAuthorizeRequest(detail));
    case 'silent':
      return toBrowser(describeSilentAnswer(detail));
    case 'callback':
      return toBrowser(describeCallback(detail));
    case 'token-request':
      return fromBrowser({
        key: 'token-request',
        title: 'Trades the code for tokens',
        explanation:
          'A request of its own, not through the address bar. It brings the secret whose hash was sent before.',
        wire: `POST ${textOf(detail, 'url')}`,
        sections: [{ title: 'What it brings', rows: rowsOf(recordOf(detail, 'parameters'), tokenNotes) }],
      });
    case 'token-response':
      return toBrowser(describeTokens(detail));
    case 'refresh':
      return fromBrowser({
        key: 'refresh',
        title: 'Fetches fresh tokens',
        explanation:
          'The access token was about to end. The refresh token gets a new one, without asking you.',
        wire: `POST ${textOf(detail, 'url')}`,
        sections: [{ title: 'What it brings', rows: refreshRows(detail) }],
      });
    case 'userinfo':
      return toBrowser({
        key: 'userinfo',
        title: 'Tells more about the person',
        wire: `GET ${textOf(detail, 'url')}`,
        explanation: 'The ID token had no name in it, so the browser asked the userinfo endpoint.',
        sections: [{ title: 'Userinfo claims', rows: rowsOf(recordOf(detail, 'claims'), claimNotes) }],
      });
    case 'tokens-shared':
      return {
        ...fromBrowser({
          key: 'tokens-shared',
          title: 'Another tab hands over its tokens',
          wire: 'BroadcastChannel, within this origin',
          explanation: 'You are signed in there already, so this tab need not ask Latchkey.',
          sections: [],
        }),
        to: 'Browser',
      };
    case 'sign-out':
      return fromBrowser({
        key: 'sign-out',
        title: 'Ends the session',
        wire: detail.url === undefined ? 'In another tab' : `GET ${withoutQuery(detail)}`,
        explanation:
          'The tokens in this browser are forgotten, in every tab, and Latchkey ends its session too.',
        sections:
          detail.url === undefined ? [] : [{ title: 'Where the browser was sent', rows: urlRows(detail) }],
      });
    case 'error':
      return describeError(detail, fromBrowser);
    default:
      return undefined;
  }
}

function describeAuthorizeRequest(detail: Detail): StepText {
  const parameters = recordOf(detail, 'parameters');
  const sections: FlowSection[] = [
    { title: 'Its parameters', rows: rowsOf(parameters, authorizeNotes) },
    { title: 'The whole address', rows: urlRows(detail) },
  ];
  const wire = `GET ${withoutQuery(detail)}`;
  if (parameters.prompt === 'none') {
    return {
      key: 'silent-request',
      title: 'Asks quietly whether you are signed in',
      wire,
      explanation:
        'Tokens live in memory only, so a fresh page asks again, in a hidden frame that may not ask you anything.',
      sections,
    };
  }
  return {
    key: 'authorize-request',
    title: 'Asks for a sign-in',
    wire,
    explanation:
      'The whole page goes to Latchkey with this request. The application never sees your password.',
    sections,
  };
}

function describeSilentAnswer(detail: Detail): StepText {
  const outcome = textOf(detail, 'outcome');
  const isSignedIn = outcome === 'code';
  return {
    key: 'silent-answer',
    title: isSignedIn ? 'Answers with a code' : 'Answers that nobody is signed in',
    explanation: isSignedIn
      ? 'Your session at Latchkey is still there, so no password was needed.'
      : 'That is no failure: press “Sign in” and watch the next steps.',
    wire: isSignedIn ? `302 · code=${MASK}` : `302 · error=${outcome}`,
    sections: [],
  };
}

function describeCallback(detail: Detail): StepText {
  const parameters = recordOf(detail, 'parameters');
  const refused = parameters.error !== undefined;
  const wire = refused ? `302 · error=${String(parameters.error)}` : `302 · code=${MASK}`;
  const check: FlowRow = { name: 'state checked', value: textOf(detail, 'state') };
  return {
    key: 'callback',
    title: refused ? 'Sends you back without a code' : 'Sends you back with a code',
    wire,
    explanation: refused
      ? 'The sign-in did not finish. Latchkey says why in the address.'
      : 'You proved who you are on Latchkey’s own pages. The code is in the address for a moment and is removed at once.',
    outcome: refused ? 'problem' : 'ok',
    sections: [
      { title: 'What came back in the address', rows: [...rowsOf(parameters, callbackNotes), check] },
    ],
  };
}

function describeTokens(detail: Detail): StepText {
  const answer: Readonly<Record<string, unknown>> = {
    access_token: detail.accessToken,
    id_token: detail.idToken,
    refresh_token: detail.refreshToken,
    token_type: detail.tokenType,
    expires_in: detail.expiresInSeconds,
    scope: detail.scope,
  };
  const isJwt = detail.accessTokenFormat === 'jwt';
  const accessToken: FlowSection = isJwt
    ? {
        title: 'Inside the access token (JWT)',
        rows: rowsOf(recordOf(detail, 'accessTokenClaims'), claimNotes),
      }
    : {
        title: 'Inside the access token',
        rows: [{ name: 'opaque', value: 'Nothing to read: only Latchkey knows what it stands for.' }],
      };
  const idToken = recordOf(detail, 'idTokenClaims');
  return {
    key: 'token-response',
    title: 'Hands out the tokens',
    wire: `200 · ${Object.keys(answer)
      .filter((name) => name.endsWith('_token') && answer[name] !== undefined)
      .join(', ')}`,
    explanation:
      'The ID token says who you are; its signature was checked with Latchkey’s public keys. The access token is the key to the API.',
    sections: [
      { title: 'The answer', rows: rowsOf(answer, tokenNotes) },
      ...(Object.keys(idToken).length === 0
        ? []
        : [{ title: 'Inside the ID token', rows: rowsOf(idToken, claimNotes) }]),
      accessToken,
    ],
  };
}

function describeError(detail: Detail, step: (text: StepText) => FlowStep): FlowStep | undefined {
  // The answer of a silent attempt has told this already.
  if (textOf(detail, 'step') === 'restore' && textOf(detail, 'code') === 'login_required') return undefined;
  return step({
    key: 'error',
    title: 'Something went wrong',
    wire: `${textOf(detail, 'step')}: ${textOf(detail, 'code') || 'failed'}`,
    explanation: textOf(detail, 'message'),
    outcome: 'problem',
    sections: [],
  });
}

function refreshRows(detail: Detail): FlowRow[] {
  return rowsOf({ grant_type: 'refresh_token', refresh_token: detail.refreshToken }, tokenNotes);
}

function urlRows(detail: Detail): FlowRow[] {
  return [{ name: 'GET', value: textOf(detail, 'url') }];
}

function withoutQuery(detail: Detail): string {
  return textOf(detail, 'url').split('?')[0] ?? '';
}

function textOf(detail: Detail, name: string): string {
  const value = detail[name];
  return typeof value === 'string' ? value : '';
}

function recordOf(detail: Detail, name: string): Readonly<Record<string, unknown>> {
  const value = detail[name];
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
