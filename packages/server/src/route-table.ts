import { endpointPaths } from '@latchkey/protocol';
import { showAccounts, submitAccount } from './login/accounts.ts';
import { showLoginName, submitLoginName } from './login/login-name.ts';
import { showPassword, submitPassword } from './login/password.ts';
import { showSignedOut, showSignOut, submitSignOut } from './login/sign-out.ts';
import { authorize } from './oauth/authorize.ts';
import { discovery, keys } from './oauth/discovery.ts';
import { endSession } from './oauth/end-session.ts';
import { introspect } from './oauth/introspect.ts';
import { revoke } from './oauth/revoke.ts';
import { token } from './oauth/token.ts';
import { userinfo } from './oauth/userinfo.ts';
import type { Handler } from './platform/http.ts';

/** One address of the server. `answers` says how its errors look: JSON for programs, a page for people. */
export interface Route {
  readonly path: string;
  readonly answers: 'json' | 'page';
  readonly methods: Readonly<Partial<Record<'GET' | 'POST', Handler>>>;
}

/** Every address the protocol and the sign-in pages answer on. */
export const routes: readonly Route[] = [
  { path: endpointPaths.openidConfiguration, answers: 'json', methods: { GET: discovery } },
  { path: endpointPaths.oauthMetadata, answers: 'json', methods: { GET: discovery } },
  { path: endpointPaths.keys, answers: 'json', methods: { GET: keys } },
  { path: endpointPaths.token, answers: 'json', methods: { POST: token } },
  { path: endpointPaths.introspect, answers: 'json', methods: { POST: introspect } },
  { path: endpointPaths.revoke, answers: 'json', methods: { POST: revoke } },
  { path: endpointPaths.userinfo, answers: 'json', methods: { GET: userinfo, POST: userinfo } },
  { path: endpointPaths.authorize, answers: 'page', methods: { GET: authorize, POST: authorize } },
  { path: endpointPaths.endSession, answers: 'page', methods: { GET: endSession, POST: endSession } },
  { path: '/login', answers: 'page', methods: { GET: showLoginName, POST: submitLoginName } },
  { path: '/login/password', answers: 'page', methods: { GET: showPassword, POST: submitPassword } },
  { path: '/login/accounts', answers: 'page', methods: { GET: showAccounts, POST: submitAccount } },
  { path: '/logout', answers: 'page', methods: { GET: showSignOut, POST: submitSignOut } },
  { path: '/logout/done', answers: 'page', methods: { GET: showSignedOut } },
];
