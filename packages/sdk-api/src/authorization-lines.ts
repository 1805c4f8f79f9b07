/**
 * Every Authorization line of a Node request. `headers.authorization` holds the first of several only, which would
 * hide a second one that a proxy in front may have decided by.
 */
export function authorizationLines(request: {
  readonly rawHeaders?: readonly string[];
  readonly headers: { readonly authorization?: string | undefined };
}): string[] {
  const raw = request.rawHeaders ?? [];
  const lines = raw.filter(
    (_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === 'authorization',
  );
  if (lines.length > 0) return lines;
  return request.headers.authorization === undefined ? [] : [request.headers.authorization];
}
