// A SHA-256 thumbprint in base64url (RFC 7638 §3), which one time in 64 begins with a dash.
const keyIdLikeOption = /^-[A-Za-z0-9_-]{42}$/;

/**
 * Arguments of a command line in which key IDs that begin with a dash stand last, behind `--`, where they are not taken for
 * options.
 */
export function keyIdsLast(args: readonly string[]): readonly string[] {
  const keyIds = args.filter((arg) => keyIdLikeOption.test(arg));
  if (keyIds.length === 0 || args.includes('--')) return args;
  return [...args.filter((arg) => !keyIdLikeOption.test(arg)), '--', ...keyIds];
}
