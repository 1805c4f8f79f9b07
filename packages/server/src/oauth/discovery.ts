import { supportedLocales } from '@latchkey/login-ui';
import { buildMetadata } from '@latchkey/protocol';
import { type Answer, json, type RequestContext } from '../platform/http.ts';

/** How long a key set may be kept; keys are published far longer than this before they sign. */
const keysMaxAgeSeconds = 300;

/** GET /.well-known/openid-configuration and /.well-known/oauth-authorization-server (Discovery §4, RFC 8414 §3). */
export function discovery(context: RequestContext): Answer {
  return json(200, buildMetadata(context.instance.origin, supportedLocales), {
    'cache-control': 'public, max-age=300',
  });
}

/** GET /oauth/v2/keys: the public signing keys (RFC 7517 §5). */
export function keys(context: RequestContext): Answer {
  const keySet = { keys: context.instance.signingKeys.map((key) => key.publicJwk) };
  return json(200, keySet, { 'cache-control': `public, max-age=${keysMaxAgeSeconds}, must-revalidate` });
}
