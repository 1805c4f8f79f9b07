/**
 * node-oidc-provider as its documentation runs it, with an adapter of plain maps (faster than the one it brings), Basic,
 * opaque tokens, and ES256 JWTs for one resource. Keys are of the sizes Latchkey has. Makes the tokens to be measured
 * itself and tells the parent.
 */
import { createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const tokenCount = Number(process.argv[2] ?? 1000);
const chainCount = Number(process.argv[3] ?? 16);

/** @type {Map<string, any>} */
const rows = new Map();
/** @type {Map<string, Set<string>>} */
const byGrant = new Map();
/** @type {Map<string, any>} */
const sessions = new Map();

class MapAdapter {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }
  /** @param {string} id */
  key(id) {
    return `${this.name}:${id}`;
  }
  /** @param {string} id @param {any} payload */
  async upsert(id, payload) {
    rows.set(this.key(id), payload);
    if (payload.uid !== undefined) sessions.set(payload.uid, payload);
    if (payload.grantId === undefined) return;
    const own = byGrant.get(payload.grantId) ?? new Set();
    byGrant.set(payload.grantId, own.add(this.key(id)));
  }
  /** @param {string} id */
  async find(id) {
    return rows.get(this.key(id));
  }
  /** @param {string} uid */
  async findByUid(uid) {
    return sessions.get(uid);
  }
  async findByUserCode() {
    return undefined;
  }
  /** @param {string} id */
  async destroy(id) {
    rows.delete(this.key(id));
  }
  /** @param {string} grantId */
  async revokeByGrantId(grantId) {
    for (const key of byGrant.get(grantId) ?? []) rows.delete(key);
    byGrant.delete(grantId);
  }
  /** @param {string} id */
  async consume(id) {
    const row = rows.get(this.key(id));
    if (row !== undefined) row.consumed = Math.floor(Date.now() / 1000);
  }
}

const client = {
  client_id: 'bench',
  client_secret: 'a-secret-of-some-length-0123456789abcdef',
  grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
  redirect_uris: ['https://app.example.com/callback'],
  response_types: /** @type {const} */ (['code']),
  token_endpoint_auth_method: /** @type {const} */ ('client_secret_basic'),
};

/** @param {string} accountId */
const claimsOf = (accountId) => ({
  sub: accountId,
  name: 'Ada Lovelace',
  given_name: 'Ada',
  family_name: 'Lovelace',
  preferred_username: 'ada@example.com',
  locale: 'en',
  updated_at: 1_700_000_000,
  email: 'ada@example.com',
  email_verified: true,
});

const cookieKey = 'bench';
const resource = 'https://api.example.com';
const privateJwks = [
  generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey.export({ format: 'jwk' }),
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
];

const http = createServer();
http.listen(0, '127.0.0.1', async () => {
  const address = http.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const provider = new Provider(`http://localhost:${port}`, {
    adapter: MapAdapter,
    clients: [client],
    jwks: { keys: privateJwks.map((jwk) => ({ ...jwk, use: 'sig' })) },
    cookies: { keys: [cookieKey] },
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: async () => ({
          scope: 'read',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    claims: {
      openid: ['sub'],
      profile: Object.keys(claimsOf('x')).slice(1, 7),
      email: ['email', 'email_verified'],
    },
    findAccount: async (/** @type {unknown} */ _, /** @type {string} */ accountId) => ({
      accountId,
      claims: async () => claimsOf(accountId),
    }),
    rotateRefreshToken: true,
    ttl: {
      AccessToken: 3600,
      ClientCredentials: 3600,
      Grant: 86_400,
      IdToken: 3600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    scopes: ['openid', 'offline_access', 'profile', 'email'],
  });
  http.on('request', provider.callback());
  const { accessTokens, refreshTokens } = await mint(provider);
  const signedIn = await signIn(provider);
  process.send?.({ port, client, resource, accessTokens, refreshTokens, signedIn });
});

/** @param {any} provider @param {string} accountId @param {string} scope */
async function grantTo(provider, accountId, scope) {
  const grant = new provider.Grant({ accountId, clientId: client.client_id });
  grant.addOIDCScope(scope);
  return await grant.save();
}

/** A session and a DPoP-bound access token for each connection. @param {any} provider */
async function signIn(provider) {
  const found = await provider.Client.find(client.client_id);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
  // RFC 7638 §3.2: the members in this order.
  const jkt = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  const scope = 'openid profile email';
  const cookies = [];
  const boundTokens = [];
  for (let index = 0; index < chainCount; index += 1) {
    const accountId = `account-${index}`;
    const grantId = await grantTo(provider, accountId, scope);
    const session = new provider.Session();
    session.loginAccount({ accountId });
    session.ensureClientContainer(client.client_id);
    session.grantIdFor(client.client_id, grantId);
    await session.save(86_400);
    const cookie = `_session=${session.id}`;
    const signature = createHmac('sha1', cookieKey).update(cookie).digest('base64url');
    cookies.push(`${cookie}; _session.sig=${signature}`);
    const common = { accountId, client: found, grantId, gty: 'authorization_code', scope };
    boundTokens.push(await new provider.AccessToken({ ...common, jkt }).save());
  }
  const proofKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { cookies, boundTokens, proofKeyPem };
}

/** @param {any} provider */
async function mint(provider) {
  const found = await provider.Client.find(client.client_id);
  const scope = 'openid profile email offline_access';
  const accessTokens = [];
  const refreshTokens = [];
  for (let index = 0; index < Math.max(tokenCount, chainCount); index += 1) {
    const accountId = `account-${index % 100}`;
    const grantId = await grantTo(provider, accountId, scope);
    const common = { accountId, client: found, grantId, gty: 'authorization_code', scope };
    const times = { authTime: Math.floor(Date.now() / 1000) };
    accessTokens.push(await new provider.AccessToken({ ...common }).save());
    if (index < chainCount) {
      refreshTokens.push(
        await new provider.RefreshToken({ ...common, ...times, iiat: times.authTime, rotations: 0 }).save(),
      );
    }
  }
  return { accessTokens: accessTokens.slice(0, tokenCount), refreshTokens };
}
process.on('disconnect', () => process.exit(0));
