import { z } from 'zod';
import type { ApiSession } from '../api-session.ts';
import { resolveId } from '../resolve-name.ts';
import type { Starter } from './starters.ts';

/** What was registered for an app. */
export interface Registered {
  readonly projectId: string;
  readonly clientId: string;
  /** Empty for an application in the browser. */
  readonly clientSecret: string;
  /** The key file of the API as JSON. */
  readonly apiKeyFile: string;
}

const created = z.object({ id: z.string() });
const createdApplication = created.extend({ clientId: z.string(), clientSecret: z.string().nullish() });
const createdKey = z.object({ keyFile: z.record(z.string(), z.unknown()) });

/**
 * Registers an app through the management API: a project (unless one is named), the application that signs people in, the
 * API and its key. Rejects with `ApiProblem` where the caller may not.
 */
export async function registerApp(
  session: ApiSession,
  app: { readonly name: string; readonly origin: string; readonly project: string | undefined },
  starter: Starter,
): Promise<Registered> {
  const { name, origin } = app;
  const projectId =
    app.project === undefined
      ? created.parse((await session.call('createProject', { body: { name } })).data).id
      : await resolveId(session, 'projectId', app.project);
  const application = createdApplication.parse(
    (await session.call('createApplication', { body: applicationOf(name, origin, projectId, starter) })).data,
  );
  const api = created.parse(
    (
      await session.call('createApplication', {
        body: { projectId, name: `${name} API`, type: 'api', authMethod: 'private_key_jwt' },
      })
    ).data,
  );
  const key = createdKey.parse(
    (
      await session.call('createApplicationKey', {
        path: { applicationId: api.id },
        body: { expiresAt: null },
      })
    ).data,
  );
  return {
    projectId,
    clientId: application.clientId,
    clientSecret: application.clientSecret ?? '',
    apiKeyFile: `${JSON.stringify(key.keyFile, null, 2)}\n`,
  };
}

function applicationOf(name: string, origin: string, projectId: string, starter: Starter) {
  const { application, redirectPath, postLogoutPath, backchannelLogoutPath } = starter;
  return {
    projectId,
    name,
    type: application === 'browser' ? 'user_agent' : 'web',
    // Allows plain http, which is fine on this machine.
    developmentMode: true,
    redirectUris: [`${origin}${redirectPath}`],
    postLogoutRedirectUris: [`${origin}${postLogoutPath}`],
    grantTypes: ['authorization_code', 'refresh_token'],
    // The greeting needs no further request then.
    idTokenUserinfoAssertion: true,
    ...(backchannelLogoutPath === undefined
      ? {}
      : { backchannelLogoutUri: `${origin}${backchannelLogoutPath}` }),
  };
}
