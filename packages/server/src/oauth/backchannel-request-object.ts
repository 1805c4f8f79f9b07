import {
  type ClientFacts,
  fapiAlgorithms,
  type Params,
  parameterBesideRequest,
  parseCompactJwt,
  readBackchannelObject,
} from '@latchkey/protocol';
import { consumeOnce } from '@latchkey/store';
import { findClientKeys } from '../platform/client-keys.ts';
import { OAuthError } from '../platform/errors.ts';
import type { RequestContext } from '../platform/http.ts';
import { asymmetricAlgorithms, verifyJws } from '../platform/jws.ts';
import { sha256Hex } from '../platform/random.ts';

function refused(description: string): OAuthError {
  return new OAuthError('invalid_request', description);
}

/** The algorithms an application may sign its requests by: the one it registered, else those of its profile. */
function allowedAlgorithms({ application }: ClientFacts): readonly string[] {
  const { cibaRequestSigningAlg, securityProfile } = application;
  const ofProfile = securityProfile === 'standard' ? asymmetricAlgorithms : fapiAlgorithms;
  return cibaRequestSigningAlg === null
    ? ofProfile
    : ofProfile.filter((alg) => alg === cibaRequestSigningAlg);
}

function mustSign({ application }: ClientFacts): boolean {
  return (
    application.cibaRequestSigningAlg !== null ||
    application.isSignedRequestRequired ||
    application.securityProfile === 'fapi2_message_signing'
  );
}

/**
 * The parameters of a backchannel authentication request: those of the signed request in `request`, which must be signed by a
 * key of the application and can be sent once; otherwise those that were sent. Throws `OAuthError` `invalid_request`.
 * Source: OpenID CIBA Core §7.1.1, §13; FAPI-CIBA §5.2.2.
 */
export async function resolveBackchannelRequest(
  context: RequestContext,
  client: ClientFacts,
  sent: Params,
): Promise<Params> {
  const { deps, instance } = context;
  const { application } = client;
  const text = sent.get('request');
  if (text === undefined) {
    if (mustSign(client))
      throw refused('the application signs its requests; send a signed JWT in request instead of parameters');
    return sent;
  }
  const beside = parameterBesideRequest(sent);
  if (beside !== undefined)
    throw refused(`${beside} was sent beside request; a signed request holds all parameters`);
  const jwt = parseCompactJwt(text);
  if (jwt === undefined) throw refused('request must be a signed JWT');
  const { alg, kid } = jwt.header;
  const allowed = allowedAlgorithms(client);
  if (!allowed.includes(alg)) throw refused(`the signed request must use one of ${allowed.join(', ')}`);
  const keys = await findClientKeys(context, application, { kid, alg, use: 'sig' });
  if (!keys.some(({ key }) => verifyJws(jwt, key, alg)))
    throw refused(
      'no key registered for the application verifies the signed request; check kid and algorithm',
    );
  const now = deps.clock.now();
  const { clientId } = application;
  const reading = readBackchannelObject(jwt, { clientId, issuer: instance.origin, now });
  if (reading.kind === 'refused') throw refused(reading.detail);
  const isFirst = await consumeOnce(deps.store.db, instance.scope, {
    kind: 'ciba-request',
    id: sha256Hex(`${clientId} ${reading.jti}`),
    keepUntilMs: Math.ceil(reading.exp * 1000) + 60_000,
  });
  if (!isFirst) throw refused('the signed request was sent before; sign a new one with another jti');
  return reading.params;
}
