import { endpointPaths } from '@latchkey/protocol';
import { showAccounts, submitAccount } from './login/accounts.ts';
import { showAgain } from './login/again.ts';
import { submitCancel } from './login/cancel.ts';
import { showConsent, submitConsent } from './login/consent.ts';
import {
  showDevice,
  showDeviceConfirm,
  showDeviceDone,
  submitDevice,
  submitDeviceConfirm,
} from './login/device.ts';
import { showLoginName, submitLoginName } from './login/login-name.ts';
import { showNewPassword, submitNewPassword } from './login/new-password.ts';
import { showPassword, submitPassword } from './login/password.ts';
import { showRegister, submitRegister } from './login/register.ts';
import { showRequests, submitRequest } from './login/requests.ts';
import { showSignedOut, showSignOut, submitSignOut } from './login/sign-out.ts';
import { authorize } from './oauth/authorize.ts';
import { backchannelAuthentication } from './oauth/backchannel-authentication.ts';
import { checkSession } from './oauth/check-session.ts';
import { deviceAuthorization } from './oauth/device-authorization.ts';
import { discovery, keys } from './oauth/discovery.ts';
import { endSession } from './oauth/end-session.ts';
import { introspect } from './oauth/introspect.ts';
import { readClient, removeClient, replaceClient } from './oauth/manage-registration.ts';
import { pushedAuthorization } from './oauth/pushed-request.ts';
import { register } from './oauth/register.ts';
import { revoke } from './oauth/revoke.ts';
import { token } from './oauth/token.ts';
import { userinfo } from './oauth/userinfo.ts';
import type { Handler } from './platform/http.ts';

/** Methods a route may have a handler for; HEAD is answered as GET is. */
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/**
 * One address of the server; a path that ends in `/*` stands for one further segment. `answers` says how its errors look: JSON
 * for programs, a page for people. Requests to pages, and to what is marked `database: 'share'`, need no proof of anything before
 * the database is asked, so they hold a share of its connections at most: a flood of them leaves the rest to tokens,
 * introspection and the management API.
 */
export interface Route {
  readonly path: string;
  readonly answers: 'json' | 'page';
  readonly database?: 'share';
  /** A POST hashes a password: it is refused before it is read while no more of them may wait. */
  readonly hashes?: 'password';
  readonly methods: Readonly<Partial<Record<Method, Handler>>>;
}

/** Every address the protocol and the sign-in pages answer on. */
export const routes: readonly Route[] = [
  { path: endpointPaths.openidConfiguration, answers: 'json', methods: { GET: discovery } },
  { path: endpointPaths.oauthMetadata, answers: 'json', methods: { GET: discovery } },
  { path: endpointPaths.keys, answers: 'json', methods: { GET: keys } },
  { path: endpointPaths.token, answers: 'json', methods: { POST: token } },
  { path: endpointPaths.pushedAuthorization, answers: 'json', methods: { POST: pushedAuthorization } },
  { path: endpointPaths.introspect, answers: 'json', methods: { POST: introspect } },
  { path: endpointPaths.revoke, answers: 'json', methods: { POST: revoke } },
  { path: endpointPaths.register, answers: 'json', database: 'share', methods: { POST: register } },
  {
    path: `${endpointPaths.register}/*`,
    answers: 'json',
    database: 'share',
    methods: { GET: readClient, PUT: replaceClient, DELETE: removeClient },
  },
  { path: endpointPaths.userinfo, answers: 'json', methods: { GET: userinfo, POST: userinfo } },
  { path: endpointPaths.authorize, answers: 'page', methods: { GET: authorize, POST: authorize } },
  { path: endpointPaths.checkSession, answers: 'page', methods: { GET: checkSession } },
  { path: endpointPaths.endSession, answers: 'page', methods: { GET: endSession, POST: endSession } },
  {
    path: endpointPaths.deviceAuthorization,
    answers: 'json',
    database: 'share',
    methods: { POST: deviceAuthorization },
  },
  {
    path: endpointPaths.backchannelAuthentication,
    answers: 'json',
    methods: { POST: backchannelAuthentication },
  },
  { path: '/device', answers: 'page', methods: { GET: showDevice, POST: submitDevice } },
  {
    path: '/device/confirm',
    answers: 'page',
    methods: { GET: showDeviceConfirm, POST: submitDeviceConfirm },
  },
  { path: '/device/done', answers: 'page', methods: { GET: showDeviceDone } },
  { path: '/login/requests', answers: 'page', methods: { GET: showRequests, POST: submitRequest } },
  { path: '/login', answers: 'page', methods: { GET: showLoginName, POST: submitLoginName } },
  {
    path: '/login/password',
    answers: 'page',
    hashes: 'password',
    methods: { GET: showPassword, POST: submitPassword },
  },
  {
    path: '/login/new-password',
    answers: 'page',
    hashes: 'password',
    methods: { GET: showNewPassword, POST: submitNewPassword },
  },
  { path: '/login/again', answers: 'page', methods: { GET: showAgain } },
  { path: '/login/cancel', answers: 'page', methods: { POST: submitCancel } },
  { path: '/login/accounts', answers: 'page', methods: { GET: showAccounts, POST: submitAccount } },
  { path: '/login/consent', answers: 'page', methods: { GET: showConsent, POST: submitConsent } },
  {
    path: '/login/register',
    answers: 'page',
    hashes: 'password',
    methods: { GET: showRegister, POST: submitRegister },
  },
  { path: '/logout', answers: 'page', methods: { GET: showSignOut, POST: submitSignOut } },
  { path: '/logout/done', answers: 'page', methods: { GET: showSignedOut } },
];
