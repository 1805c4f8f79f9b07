// Asked without naming any: what clients of these endpoints usually send.
const usualHeaders =
  'Authorization, Content-Type, Accept, Accept-Language, If-Match, If-None-Match, Idempotency-Key, X-Requested-With, DPoP';
const mostCharacters = 2000;
const headerNames = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?: *, *[!#$%&'*+.^_`|~0-9A-Za-z-]+)*$/;

/**
 * The headers of a preflight's answer at an endpoint that reads no cookies, so that a page of any origin may call it with
 * whatever headers its libraries add (`traceparent`, `baggage`). Takes the methods there are and the value of
 * `Access-Control-Request-Headers`.
 * @see Fetch Standard §3.2.2, §4.8 (CORS preflight)
 */
export function preflightHeaders(methods: string, asked: string | null): Readonly<Record<string, string>> {
  const isReadable = asked !== null && asked.length <= mostCharacters && headerNames.test(asked);
  return {
    'access-control-allow-origin': '*',
    'access-control-allow-headers': isReadable ? asked : usualHeaders,
    'access-control-allow-methods': methods,
    'access-control-max-age': '600',
    vary: 'access-control-request-headers',
  };
}
