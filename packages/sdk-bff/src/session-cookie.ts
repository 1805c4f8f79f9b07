import { SessionTooLarge } from './bff-error.ts';
import type { CookieJar } from './cookies.ts';
import type { Sealer } from './seal.ts';
import { parseSession, type Session } from './session.ts';

/** RFC 6265 §6.1: browsers keep 4,096 bytes of a cookie, its name and attributes included. */
const CHUNK_CHARACTERS = 3800;
/** All cookies of a request share one header line, for which common servers have 8 kB. */
const MAX_CHUNKS = 2;

/** The sealed session of a request's cookies; undefined when there is none or it was tampered with. */
export async function openSessionCookies(
  sealer: Sealer,
  jar: CookieJar,
  cookies: ReadonlyMap<string, string>,
): Promise<Session | undefined> {
  const [, count, first] = /^([1-9])~(.*)$/s.exec(cookies.get(jar.sessionName) ?? '') ?? [];
  if (count === undefined || first === undefined || Number(count) > MAX_CHUNKS) return undefined;
  const rest = Array.from(
    { length: Number(count) - 1 },
    (_, index) => cookies.get(chunkName(jar, index + 1)) ?? '',
  );
  return parseSession(await sealer.open('session', [first, ...rest].join('')));
}

/**
 * Seals a session into `Set-Cookie` lines. One that is too large goes without its ID token, which `onDropped` hears; one
 * that still is throws `SessionTooLarge`.
 */
export async function sealSessionCookies(
  deps: { readonly sealer: Sealer; readonly jar: CookieJar; readonly onDropped: () => void },
  session: Session,
  cookies: ReadonlyMap<string, string>,
  maxAgeSeconds: number,
): Promise<readonly string[]> {
  const { sealer, jar } = deps;
  let sealed = await sealer.seal('session', { ...session });
  if (sealed.length > CHUNK_CHARACTERS * MAX_CHUNKS && session.idToken !== undefined) {
    deps.onDropped();
    sealed = await sealer.seal('session', { ...session, idToken: undefined });
  }
  if (sealed.length > CHUNK_CHARACTERS * MAX_CHUNKS)
    throw new SessionTooLarge(describeSize(session, sealed.length));
  const count = Math.ceil(sealed.length / CHUNK_CHARACTERS);
  const lines = Array.from({ length: count }, (_, index) => {
    const part = sealed.slice(index * CHUNK_CHARACTERS, (index + 1) * CHUNK_CHARACTERS);
    return jar.write(chunkName(jar, index), index === 0 ? `${count}~${part}` : part, maxAgeSeconds);
  });
  return [...lines, ...removeChunks(jar, cookies, count)];
}

/** Lines that remove the session's cookies a request came with, from the given chunk on. */
export function removeChunks(jar: CookieJar, cookies: ReadonlyMap<string, string>, from: number): string[] {
  const names = Array.from({ length: MAX_CHUNKS }, (_, index) => chunkName(jar, index));
  return names.slice(from).flatMap((name) => (cookies.has(name) ? [jar.remove(name)] : []));
}

function chunkName(jar: CookieJar, index: number): string {
  return index === 0 ? jar.sessionName : `${jar.sessionName}-${index}`;
}

function describeSize({ claims, accessToken, refreshToken = '' }: Session, length: number): string {
  const claimsLength = JSON.stringify(claims).length;
  return (
    `The sealed session has ${length} characters and ${CHUNK_CHARACTERS * MAX_CHUNKS} fit into cookies (claims ${claimsLength}, ` +
    `access token ${accessToken.length}, refresh token ${refreshToken.length}). Hand in a store: createBff({ store }), or ask for fewer claims.`
  );
}
