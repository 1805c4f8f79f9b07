import { BffError, IssuerUnavailable, LoginRequired, RefreshRequired } from '@latchkey/bff';

/**
 * The error as one of this bundle's classes. The shared backend for frontend throws those of the bundle that created it, and
 * `instanceof` knows them only there.
 */
export function toOwnError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof BffError) return error;
  const code: unknown = Reflect.get(error, 'code');
  const { message } = error;
  switch (code) {
    case 'login_required':
      return new LoginRequired(code, message, { cause: error });
    case 'refresh_required':
      return new RefreshRequired(code, message, { cause: error });
    case 'issuer_unavailable':
      return new IssuerUnavailable(code, message, { cause: error });
    default:
      return error;
  }
}
