/** Pure identity rules no RFC states. */
export * from './claims.ts';
export * from './common-passwords.ts';
export * from './device-steps.ts';
export * from './email-address.ts';
export * from './email-domain.ts';
export * from './impersonation.ts';
export * from './lockout.ts';
export * from './login-name.ts';
export * from './login-steps.ts';
export * from './password-policy.ts';
export * from './registration.ts';
export * from './retry-delay.ts';
export * from './user.ts';
