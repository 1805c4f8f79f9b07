/** Pure identity rules no RFC states. */
export * from './claims.ts';
export * from './lockout.ts';
export * from './login-name.ts';
export * from './login-steps.ts';
export * from './password-policy.ts';
export * from './user.ts';
