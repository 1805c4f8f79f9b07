/** What a request says of the host that its client called. */
export interface HostHeaders {
  readonly get: (name: string) => string | null;
}

/** The host a client called, in lower case and with its port where it is not the usual one, or why it cannot be told. */
export type CalledHost =
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'contradiction'; readonly detail: string };

function only(name: string, values: readonly string[]): string | undefined | CalledHost {
  const different = [
    ...new Set(values.map((value) => value.trim().toLowerCase()).filter((value) => value !== '')),
  ];
  if (different.length < 2) return different[0];
  return { kind: 'contradiction', detail: `${name} names several: ${different.length} different values.` };
}

/** The values of a parameter of `Forwarded`, one for each hop that names it (RFC 7239 §4). */
function forwardedValues(header: string | null, parameter: string): readonly string[] {
  const pairs = (header ?? '').match(/[!#$%&'*+.^_`|~\w-]+=(?:"(?:[^"\\]|\\.)*"|[^\s",;]+)/g) ?? [];
  return pairs
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const)
    .filter(([name]) => name.toLowerCase() === parameter)
    .map(([, value]) => value.replace(/^"(.*)"$/, '$1').replace(/\\(.)/g, '$1'));
}

const usualPorts: Readonly<Record<string, string>> = { http: '80', https: '443' };

/**
 * The host that the client called: the `Host` header, or where a trusted proxy is the caller what it says in `Forwarded`
 * (RFC 7239 §5.3) or `X-Forwarded-Host`, `-Port` and `-Proto`. Headers of anybody else are not read. Values that contradict
 * each other are refused, because one of them is not the proxy's.
 */
export function readCalledHost(headers: HostHeaders, caller: 'trusted-proxy' | 'anybody'): CalledHost {
  const direct = { kind: 'host', host: (headers.get('host') ?? '').toLowerCase() } as const;
  if (caller === 'anybody') return direct;
  const [given, forwarded] = [headers.get('x-forwarded-host'), headers.get('forwarded')];
  const hosts = [...(given?.split(',') ?? []), ...forwardedValues(forwarded, 'host')];
  const protocols = [
    ...(headers.get('x-forwarded-proto')?.split(',').slice(0, 1) ?? []),
    ...forwardedValues(forwarded, 'proto').slice(0, 1),
  ];
  const host = only('The host in X-Forwarded-Host and Forwarded', hosts);
  if (typeof host === 'object') return host;
  const protocol = only('The scheme in X-Forwarded-Proto and Forwarded', protocols);
  if (typeof protocol === 'object') return protocol;
  if (host === undefined) return direct;
  const port = headers.get('x-forwarded-port')?.split(',')[0]?.trim() ?? '';
  return { kind: 'host', host: withPort(host, port, protocol) };
}

function withPort(host: string, port: string, protocol: string | undefined): string {
  const [, name = host, own] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? [];
  const usual = protocol === undefined ? undefined : usualPorts[protocol];
  const effective = own ?? (/^\d{1,5}$/.test(port) ? port : undefined);
  const isUsual = effective === usual || (usual === undefined && ['80', '443'].includes(effective ?? '80'));
  return effective === undefined || isUsual ? name : `${name}:${effective}`;
}
