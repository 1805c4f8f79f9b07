import {
  AuthError,
  CallbackError,
  ConfigurationError,
  ConsentRequired,
  LoginRequired,
  MfaRequired,
  NetworkError,
  StepUpRequired,
} from './auth-error.ts';
import { VaultError } from './vault-contract.ts';

// Told apart by place, as minifiers rename classes. CallbackError is the first: what anything unknown becomes.
const KINDS = [
  CallbackError,
  LoginRequired,
  ConsentRequired,
  MfaRequired,
  NetworkError,
  ConfigurationError,
  VaultError,
] as const;

/** An error as it is posted between worker and page; prototypes do not survive that. */
export type PackedError =
  | { readonly kind: number; readonly code: string; readonly message: string }
  | {
      readonly kind: 'step-up';
      readonly message: string;
      readonly acrValues?: string;
      readonly maxAge?: number;
    };

/** Packs what a vault threw, which is an `AuthError`. */
export function packError(error: unknown): PackedError {
  if (error instanceof StepUpRequired) {
    const { message, acrValues, maxAge } = error;
    return {
      kind: 'step-up',
      message,
      ...(acrValues === undefined ? {} : { acrValues }),
      ...(maxAge === undefined ? {} : { maxAge }),
    };
  }
  const { code, message } =
    error instanceof AuthError ? error : new CallbackError('invalid_response', String(error));
  const kind = KINDS.findIndex((Kind) => error instanceof Kind);
  return { kind: Math.max(kind, 0), code, message };
}

/** The error again, of its class. */
export function unpackError(packed: PackedError): AuthError {
  if (packed.kind === 'step-up') return new StepUpRequired(packed.message, packed);
  const Kind = KINDS[packed.kind] ?? CallbackError;
  return new Kind(packed.code, packed.message);
}
