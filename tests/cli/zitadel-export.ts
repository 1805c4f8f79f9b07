import { generateKeyPairSync } from 'node:crypto';
import { hashSync } from '@node-rs/argon2';
import bcrypt from 'bcryptjs';

/** What people and programs of the system before know: it must go on working as it is. */
export const known = {
  password: 'seven brave otters swim',
  apiSecret: 'Jq0yYv7mJzR5nB2kWc7yL0pDfH4sGaE9uXq3vT8mJzR5nB2kWc7yL0pDfH4sGaE9',
  machineSecret: 'Zx9wVu7mJzR5nB2kWc7yL0pDfH4sGaE9uXq3vT8mJzR5nB2kWc7yL0pDfH4sGaE9',
} as const;

/** The ids and client ids of the system before. */
export const old = {
  organization: '244756394579460001',
  partner: '244756394579460002',
  project: '244756394579460003',
  webApp: '244756394579460004',
  webClient: '244756394579460005@portal',
  apiApp: '244756394579460006',
  apiClient: '244756394579460007@portal',
  keyedApp: '244756394579460008',
  keyedClient: '244756394579460009',
  ada: '244756394579460010',
  max: '244756394579460011',
  robot: '244756394579460012',
  robotKey: '244756394579460013',
  helper: '244756394579460014',
  grant: '244756394579460015',
  appKey: '244756394579460016',
} as const;

const makePair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const inBase64 = (pair: ReturnType<typeof makePair>): string =>
  Buffer.from(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()).toString('base64');

const robotPair = makePair();
const appPair = makePair();

/** The key file of the service user, as the console of the system before gave it out. */
export const robotKeyFile = {
  type: 'serviceaccount',
  keyId: old.robotKey,
  key: robotPair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  userId: old.robot,
  expirationDate: '9999-12-31T23:59:59Z',
} as const;

const details = { sequence: '12', creationDate: '2024-02-01T10:00:00Z' };

/** An export as `POST /admin/v1/export` answers it. */
export const zitadelExport = {
  orgs: [
    {
      orgId: old.organization,
      org: { name: 'Acme' },
      domainPolicy: { orgId: old.organization, userLoginMustBeDomain: true },
      labelPolicy: { primaryColor: '#5469d4' },
      domains: [
        {
          orgId: old.organization,
          details,
          domainName: 'acme.example.com',
          isVerified: true,
          isPrimary: true,
        },
        { orgId: old.organization, details, domainName: 'acme.example', isVerified: true },
      ],
      projects: [
        {
          projectId: old.project,
          project: { name: 'Portal', projectRoleAssertion: true, projectRoleCheck: true },
        },
        { projectId: '1', project: { name: 'ZITADEL' } },
      ],
      projectRoles: [
        { projectId: old.project, roleKey: 'admin', displayName: 'Administrator', group: 'staff' },
        { projectId: old.project, roleKey: 'reader', displayName: 'Reader' },
      ],
      oidcApps: [
        {
          appId: old.webApp,
          app: {
            projectId: old.project,
            name: 'Web',
            redirectUris: ['https://portal.acme.example.com/callback'],
            responseTypes: ['OIDC_RESPONSE_TYPE_CODE'],
            grantTypes: ['OIDC_GRANT_TYPE_AUTHORIZATION_CODE', 'OIDC_GRANT_TYPE_REFRESH_TOKEN'],
            appType: 'OIDC_APP_TYPE_USER_AGENT',
            authMethodType: 'OIDC_AUTH_METHOD_TYPE_NONE',
            postLogoutRedirectUris: ['https://portal.acme.example.com/'],
            accessTokenType: 'OIDC_TOKEN_TYPE_BEARER',
            idTokenRoleAssertion: true,
            clockSkew: '1s',
          },
        },
        { appId: '2', app: { projectId: '1', name: 'Console', appType: 'OIDC_APP_TYPE_USER_AGENT' } },
      ],
      apiApps: [
        { appId: old.apiApp, app: { projectId: old.project, name: 'API' } },
        {
          appId: old.keyedApp,
          app: {
            projectId: old.project,
            name: 'Keyed API',
            authMethodType: 'API_AUTH_METHOD_TYPE_PRIVATE_KEY_JWT',
          },
        },
      ],
      appKeys: [
        {
          id: old.appKey,
          projectId: old.project,
          appId: old.keyedApp,
          clientId: old.keyedClient,
          type: 'KEY_TYPE_JSON',
          expirationDate: '9999-12-31T23:59:59Z',
          publicKey: inBase64(appPair),
        },
      ],
      humanUsers: [
        {
          userId: old.ada,
          user: {
            userName: 'ada',
            profile: {
              firstName: 'Ada',
              lastName: 'Lovelace',
              displayName: 'Ada Lovelace',
              preferredLanguage: 'en',
              gender: 'GENDER_FEMALE',
            },
            email: { email: 'ada@acme.example.com', isEmailVerified: true },
            phone: { phone: '+41790000000', isPhoneVerified: true },
            hashedPassword: { value: bcrypt.hashSync(known.password, 5) },
            otpCode: 'JBSWY3DPEHPK3PXP',
          },
        },
      ],
      machineUsers: [
        {
          userId: old.robot,
          user: { userName: 'robot', name: 'Robot', accessTokenType: 'ACCESS_TOKEN_TYPE_JWT' },
        },
        { userId: old.helper, user: { userName: 'helper', name: 'Helper', description: 'Imports orders' } },
      ],
      machineKeys: [
        {
          keyId: old.robotKey,
          userId: old.robot,
          type: 'KEY_TYPE_JSON',
          expirationDate: '9999-12-31T23:59:59Z',
          publicKey: inBase64(robotPair),
        },
        {
          keyId: '244756394579460099',
          userId: old.robot,
          type: 'KEY_TYPE_JSON',
          expirationDate: '2024-06-01T00:00:00Z',
          publicKey: inBase64(robotPair),
        },
      ],
      projectGrants: [
        {
          grantId: old.grant,
          projectGrant: { projectId: old.project, grantedOrgId: old.partner, roleKeys: ['reader'] },
        },
      ],
      userGrants: [
        { userId: old.ada, projectId: old.project, roleKeys: ['admin', 'reader'] },
        { userId: old.robot, projectId: old.project, roleKeys: ['reader'] },
        { userId: old.max, projectId: old.project, projectGrantId: old.grant, roleKeys: ['reader'] },
      ],
      orgMembers: [{ userId: old.ada, roles: ['ORG_OWNER', 'ORG_SETTINGS_WIZARD'] }],
      projectMembers: [{ projectId: old.project, userId: old.ada, roles: ['PROJECT_OWNER'] }],
      userMetadata: [{ id: old.ada, key: 'crm-number', value: Buffer.from('1815').toString('base64') }],
      actions: [{ actionId: '3', action: { name: 'enrich' } }],
    },
    {
      orgId: old.partner,
      org: { name: 'Partner' },
      domains: [{ domainName: 'partner.example.com', isVerified: true, isPrimary: true }],
      humanUsers: [
        {
          userId: old.max,
          user: {
            userName: 'max@partner.example.com',
            profile: { firstName: 'Max', lastName: 'Muster' },
            email: { email: 'ada@acme.example.com', isEmailVerified: true },
            hashedPassword: {
              value: hashSync(known.password, { memoryCost: 1024, timeCost: 1, parallelism: 1 }),
            },
          },
        },
      ],
    },
  ],
};

/** What the export lacks: rows of the tables of applications and machines, of a version before and one after hashes became texts. */
export const zitadelRows = [
  JSON.stringify({ app_id: old.webApp, client_id: old.webClient, client_secret: '' }),
  JSON.stringify({
    app_id: old.apiApp,
    client_id: old.apiClient,
    client_secret: {
      CryptoType: 1,
      Algorithm: 'bcrypt',
      KeyID: '',
      Crypted: Buffer.from(bcrypt.hashSync(known.apiSecret, 5)).toString('base64'),
    },
  }),
  JSON.stringify({ user_id: old.helper, secret: bcrypt.hashSync(known.machineSecret, 5) }),
].join('\n');
