/** What each parameter of the authorization request is for, in a few words. */
export const authorizeNotes: Readonly<Record<string, string>> = {
  client_id: 'Which application asks. Public, not a secret.',
  redirect_uri: 'Where the answer goes. It must match a registered address exactly.',
  response_type: '“code”: answer with a short-lived code, never with a token in the address bar.',
  scope: 'What the application would like to know and to do.',
  state: 'A random value that must come back unchanged. It ties the answer to this browser.',
  nonce: 'A random value that must be inside the ID token, so that an old one cannot be replayed.',
  code_challenge:
    'A hash of a secret that stays in this tab (PKCE). A stolen code is useless without the secret.',
  code_challenge_method: 'How the hash was made: SHA-256.',
  prompt: 'Whether the person should be asked anything. “none”: answer at once or not at all.',
  login_hint: 'Whom to expect.',
  max_age: 'How old the sign-in may be, in seconds.',
  ui_locales: 'The languages to show the login pages in.',
};

/** What comes back to the redirect URI. */
export const callbackNotes: Readonly<Record<string, string>> = {
  code: 'Good for one use within a minute. Worth nothing without the secret of this tab.',
  state: 'The same value that was sent, so this answer belongs to our question.',
  iss: 'Who answered. It must be the issuer we asked (RFC 9207).',
  error: 'The name of what went wrong.',
  error_description: 'The same in words.',
};

/** What travels to and from the token endpoint. */
export const tokenNotes: Readonly<Record<string, string>> = {
  grant_type: 'What is traded in for tokens.',
  code: 'The code from the address bar. It can be redeemed once.',
  code_verifier: 'The secret whose hash was sent at the start. Its arrival proves that it is still us.',
  redirect_uri: 'The same address again; it is compared.',
  client_id: 'A browser application has no secret: PKCE takes its place.',
  access_token: 'For the API. The browser does not need to read it.',
  id_token: 'For the browser: who signed in. Its signature was checked.',
  refresh_token: 'Fetches new tokens later without asking the person again.',
  token_type:
    '“dpop”: it works only with a key that cannot leave this browser. “bearer”: whoever holds it may use it.',
  expires_in: 'Seconds until the access token ends.',
  scope: 'What was granted.',
  status: 'The HTTP status.',
};

/** What the members of tokens and of introspection answers mean. */
export const claimNotes: Readonly<Record<string, string>> = {
  active: 'The one member that always is there: the token is good now.',
  iss: 'Who issued it.',
  sub: 'The person’s id. It never changes.',
  aud: 'For whom it is meant. A recipient that is not listed must refuse it.',
  exp: 'When it ends.',
  iat: 'When it was issued.',
  nbf: 'From when on it is good.',
  auth_time: 'When the person signed in.',
  nonce: 'The random value we sent. It matched.',
  amr: 'How the person signed in.',
  acr: 'How strong the sign-in was.',
  azp: 'The application it was issued to.',
  at_hash: 'Ties the ID token to the access token beside it.',
  sid: 'The session at Latchkey. Signing out ends it.',
  jti: 'The id of the token itself.',
  client_id: 'The application that got the token.',
  scope: 'What the token may be used for.',
  token_type: 'How it must be presented.',
  username: 'The name the person signs in with.',
  name: 'The greeting on this page comes from here.',
  preferred_username: 'The name the person signs in with.',
  email_verified: 'Whether the address has been proved.',
};
