import { readPasswordHash } from '@latchkey/server';
import type {
  Additions,
  ExportedApiApp,
  ExportedOidcApp,
  ExportedOrganization,
  Leave,
} from './zitadel-export.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What applications and machines are made with besides the export. */
export interface Surroundings {
  readonly additions: Additions;
  readonly leave: Leave;
  readonly nowMs: number;
}

/** Members that say something: absent, false and empty ones are the default. */
export function saying(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== undefined &&
        value !== '' &&
        value !== false &&
        !(Array.isArray(value) && value.length === 0),
    ),
  );
}

/** A hash that can be kept; `undefined`, and said, for one that cannot. */
export function keptHash(
  hash: string | undefined,
  where: string,
  leave: Leave,
  instead: string,
): string | undefined {
  if (hash === undefined || hash === '') return undefined;
  const reading = readPasswordHash(hash);
  if (reading.kind === 'read') return hash;
  leave(where, `its hash ${reading.reason}. ${instead}`);
  return undefined;
}

/** Keys in the form of configuration files; ended ones are left out. */
export function keysOf(
  exported: readonly {
    readonly id: string;
    readonly publicKey?: string | undefined;
    readonly expirationDate?: string | undefined;
  }[],
  where: string,
  { leave, nowMs }: Surroundings,
): readonly Fields[] {
  return exported.flatMap(({ id, publicKey, expirationDate }) => {
    if (publicKey === undefined || publicKey === '') {
      leave(where, `key ${id}: the export holds no public key.`);
      return [];
    }
    if (expirationDate !== undefined && Date.parse(expirationDate) <= nowMs) {
      leave(where, `key ${id}: it ended on ${expirationDate}.`);
      return [];
    }
    const pem = publicKey.includes('-----BEGIN')
      ? publicKey
      : Buffer.from(publicKey, 'base64').toString('utf8');
    const expiresAt =
      expirationDate === undefined ? {} : { expiresAt: new Date(expirationDate).toISOString() };
    return [{ id, publicKey: pem, ...expiresAt }];
  });
}

const appTypes: Readonly<Record<string, string>> = {
  OIDC_APP_TYPE_WEB: 'web',
  OIDC_APP_TYPE_USER_AGENT: 'user_agent',
  OIDC_APP_TYPE_NATIVE: 'native',
};
const authMethods: Readonly<Record<string, string>> = {
  OIDC_AUTH_METHOD_TYPE_BASIC: 'client_secret_basic',
  OIDC_AUTH_METHOD_TYPE_POST: 'client_secret_post',
  OIDC_AUTH_METHOD_TYPE_NONE: 'none',
  OIDC_AUTH_METHOD_TYPE_PRIVATE_KEY_JWT: 'private_key_jwt',
  API_AUTH_METHOD_TYPE_BASIC: 'client_secret_basic',
  API_AUTH_METHOD_TYPE_PRIVATE_KEY_JWT: 'private_key_jwt',
};
const grantTypes: Readonly<Record<string, string>> = {
  OIDC_GRANT_TYPE_AUTHORIZATION_CODE: 'authorization_code',
  OIDC_GRANT_TYPE_IMPLICIT: 'implicit',
  OIDC_GRANT_TYPE_REFRESH_TOKEN: 'refresh_token',
  OIDC_GRANT_TYPE_DEVICE_CODE: 'urn:ietf:params:oauth:grant-type:device_code',
  OIDC_GRANT_TYPE_TOKEN_EXCHANGE: 'urn:ietf:params:oauth:grant-type:token-exchange',
};
const responseTypes: Readonly<Record<string, string>> = {
  OIDC_RESPONSE_TYPE_CODE: 'code',
  OIDC_RESPONSE_TYPE_ID_TOKEN: 'id_token',
  OIDC_RESPONSE_TYPE_ID_TOKEN_TOKEN: 'id_token token',
};

function translated(
  names: readonly string[],
  table: Readonly<Record<string, string>>,
  where: string,
  leave: Leave,
): readonly string[] {
  return names.flatMap((name) => {
    const found = table[name];
    if (found === undefined) leave(where, `${name}: there is nothing like it.`);
    return found === undefined ? [] : [found];
  });
}

/** Who an application is and how it proves that. */
function identityOf(
  { appId, app: { authMethodType } }: ExportedApiApp,
  usualMethod: string,
  exported: ExportedOrganization,
  where: string,
  around: Surroundings,
): Fields {
  const { additions, leave } = around;
  const keys = exported.appKeys.filter((key) => key.appId === appId);
  const clientId = additions.clientIds.get(appId) ?? keys.find((key) => key.clientId !== undefined)?.clientId;
  if (clientId === undefined)
    leave(
      where,
      'its client ID: the export does not hold it. Give it by --with, or the application gets a new one.',
    );
  const authMethod = authMethods[authMethodType ?? usualMethod];
  const usesSecret = authMethod === 'client_secret_basic' || authMethod === 'client_secret_post';
  const renew = 'It gets a new secret.';
  const hash = additions.secretHashes.get(appId);
  const secretHash = usesSecret ? keptHash(hash, `${where}, secret`, leave, renew) : undefined;
  if (usesSecret && hash === undefined)
    leave(
      where,
      'its client secret: the export does not hold it. Give its hash by --with, or it gets a new one.',
    );
  return {
    ...saying({ id: appId, clientId, secretHash }),
    ...(authMethod === undefined ? {} : { authMethod }),
    ...saying({ keys: authMethod === 'private_key_jwt' ? keysOf(keys, where, around) : [] }),
  };
}

/** An OIDC application in the form of configuration files. */
export function oidcApplication(
  exported: ExportedOrganization,
  one: ExportedOidcApp,
  where: string,
  around: Surroundings,
): Fields {
  const { app } = one;
  const { leave } = around;
  const skew = Number(/^(\d+(?:\.\d+)?)s$/.exec(app.clockSkew ?? '')?.[1] ?? 0);
  return {
    name: app.name,
    type: appTypes[app.appType ?? 'OIDC_APP_TYPE_WEB'] ?? 'web',
    ...identityOf(one, 'OIDC_AUTH_METHOD_TYPE_BASIC', exported, where, around),
    ...saying({
      redirectUris: app.redirectUris,
      postLogoutRedirectUris: app.postLogoutRedirectUris,
      additionalOrigins: app.additionalOrigins,
      grantTypes: translated(app.grantTypes ?? [], grantTypes, where, leave),
      responseTypes: translated(app.responseTypes ?? [], responseTypes, where, leave),
      developmentMode: app.devMode,
      accessTokenRoleAssertion: app.accessTokenRoleAssertion,
      idTokenRoleAssertion: app.idTokenRoleAssertion,
      idTokenUserinfoAssertion: app.idTokenUserinfoAssertion,
      clockSkewSeconds: skew === 0 ? undefined : Math.min(5, Math.ceil(skew)),
      backchannelLogoutUri: app.backChannelLogoutUri,
    }),
    accessTokenType: app.accessTokenType === 'OIDC_TOKEN_TYPE_JWT' ? 'jwt' : 'opaque',
  };
}

/** An API application in the form of configuration files. */
export function apiApplication(
  exported: ExportedOrganization,
  one: ExportedApiApp,
  where: string,
  around: Surroundings,
): Fields {
  return {
    name: one.app.name,
    type: 'api',
    ...identityOf(one, 'API_AUTH_METHOD_TYPE_BASIC', exported, where, around),
  };
}
