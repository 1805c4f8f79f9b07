import { createHash, randomBytes } from 'node:crypto';
import { completeSignIn } from '@latchkey/testkit';
import { createProofKey, type ProofKey, readProofKey, signProof } from './dpop-proofs.ts';
import type { LatchkeyUnderTest } from './latchkey.ts';
import type { ProviderPeer } from './peers.ts';
import { basic, browserOf, inLanes, send } from './people.ts';
import type { Target } from './scenarios.ts';

/** A server where people are signed in to, and the application that gets their codes. */
export interface SignedInParty {
  readonly target: Target;
  readonly paths: {
    readonly authorize: string;
    readonly token: string;
    readonly push: string;
    readonly userinfo: string;
  };
  /** What its redirects to the application are answered with. */
  readonly redirectStatus: number;
  readonly clientId: string;
  readonly authorization: string;
  readonly redirectUri: string;
  /** The Cookie headers of browsers in which somebody is signed in. */
  readonly cookies: readonly string[];
  readonly proofKey: ProofKey;
  /** Access tokens bound to that key. */
  readonly boundTokens: readonly string[];
}

const verifier = randomBytes(32).toString('base64url');

/** The authorization request of every measured code; small, so that both servers do the same for it. */
export function authorizeForm(party: Pick<SignedInParty, 'clientId' | 'redirectUri'>): URLSearchParams {
  return new URLSearchParams({
    client_id: party.clientId,
    redirect_uri: party.redirectUri,
    response_type: 'code',
    scope: 'openid profile email',
    state: 'bench',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
}

/** The form that redeems a code of such a request, but for the code itself, which comes last. */
export function redemptionForm({ redirectUri }: Pick<SignedInParty, 'redirectUri'>): string {
  const form = { grant_type: 'authorization_code', redirect_uri: redirectUri, code_verifier: verifier };
  return `${new URLSearchParams(form)}&code=`;
}

type CodeSource = Pick<SignedInParty, 'target' | 'paths' | 'clientId' | 'redirectUri' | 'cookies'>;

/** Signs in silently, again and again in each browser, and gives back the codes. They live for a minute. */
export async function collectCodes(party: CodeSource, count: number): Promise<readonly string[]> {
  const path = `${party.paths.authorize}?${authorizeForm(party)}`;
  const codes: string[] = [];
  const collect = async (cookie: string, index: number): Promise<void> => {
    for (let turn = index; turn < count; turn += party.cookies.length) {
      const response = await send(party.target, path, { headers: { cookie } });
      const location = response.headers.get('location') ?? '';
      const code = new URL(location, `http://${party.target.host}`).searchParams.get('code');
      if (code === null)
        throw new Error(`no code from ${party.target.target}: ${response.status} ${location}`);
      codes.push(code);
    }
  };
  await Promise.all(party.cookies.map(collect));
  return codes;
}

async function boundToken(
  party: CodeSource & Pick<SignedInParty, 'authorization'>,
  key: ProofKey,
  code: string,
): Promise<string> {
  const { target, paths, authorization } = party;
  const dpop = signProof(key, { method: 'POST', url: `http://${target.host}${paths.token}` });
  const response = await send(target, paths.token, {
    method: 'POST',
    body: new URLSearchParams(redemptionForm(party) + code),
    headers: { authorization, dpop },
  });
  const answer = (await response.json()) as { access_token?: string; token_type?: string };
  if (answer.access_token === undefined || answer.token_type !== 'DPoP')
    throw new Error(`no bound token: ${JSON.stringify(answer)}`);
  return answer.access_token;
}

/** Signs people of a Latchkey server in, each in a browser of their own. */
export async function signInAtLatchkey(server: LatchkeyUnderTest, count: number): Promise<SignedInParty> {
  const { users, opaqueApp } = server.population;
  const { clientId, redirectUri } = opaqueApp;
  const signIn = async (index: number): Promise<string> => {
    const user = users[index % users.length];
    if (user === undefined) throw new Error('nobody to sign in');
    const agent = browserOf(server, 50_000 + index);
    const start = `${server.origin}/oauth/v2/authorize?${authorizeForm({ clientId, redirectUri })}`;
    await completeSignIn(agent, await agent.open(start), user);
    return agent.cookies.header();
  };
  const party = {
    target: { target: server.name, port: server.port, pid: server.pid, host: server.host },
    paths: {
      authorize: '/oauth/v2/authorize',
      token: '/oauth/v2/token',
      push: '/oauth/v2/par',
      userinfo: '/oidc/v1/userinfo',
    },
    redirectStatus: 302,
    clientId,
    authorization: basic(opaqueApp),
    redirectUri,
    cookies: await inLanes(
      Array.from({ length: count }, (_, index) => index),
      signIn,
    ),
  };
  const proofKey = createProofKey();
  const codes = await collectCodes(party, count);
  const boundTokens = await Promise.all(codes.map((code) => boundToken(party, proofKey, code)));
  return { ...party, proofKey, boundTokens };
}

/** The people who are signed in at node-oidc-provider. */
export function signedInAtProvider(peer: ProviderPeer): SignedInParty {
  const { port, pid, client, signedIn } = peer;
  return {
    target: { target: 'oidc-provider', port, pid, host: `localhost:${port}` },
    paths: { authorize: '/auth', token: '/token', push: '/request', userinfo: '/me' },
    redirectStatus: 303,
    clientId: client.client_id,
    authorization: basic({ clientId: client.client_id, clientSecret: client.client_secret }),
    redirectUri: client.redirect_uris[0] ?? '',
    cookies: signedIn.cookies,
    proofKey: readProofKey(signedIn.proofKeyPem),
    boundTokens: signedIn.boundTokens,
  };
}
