/** The English sentences. */
export const en = {
  'subtitle.application': 'to continue to {application}',

  'login-name.heading': 'Sign in',
  'login-name.label': 'Login name',
  'login-name.submit': 'Continue',
  'login-name.accounts': 'Choose a signed-in account',

  'password.heading': 'Enter your password',
  'password.for': 'Signing in as {loginName}',
  'password.label': 'Password',
  'password.submit': 'Sign in',
  'password.other-account': 'Not you?',

  'accounts.heading': 'Choose an account',
  'accounts.other': 'Use another account',

  'sign-out-confirm.heading': 'Sign out?',
  'sign-out-confirm.asked': '{application} asks to sign you out.',
  'sign-out-confirm.effect':
    '{count, plural, =0 {You will have to sign in again the next time.} one {This account will be signed out in this browser:} other {These # accounts will be signed out in this browser:}}',
  'sign-out-confirm.submit': 'Sign out',
  'sign-out-confirm.stay': 'Stay signed in',

  'signed-out.heading': 'You’re signed out',
  'signed-out.advice': 'You can close this page. If others use this device, close the browser too.',

  'signed-in.heading': 'You’re signed in',
  'signed-in.advice': 'Open the application you want to use. It won’t ask for your password again.',
  'signed-in.sign-out': 'Sign out',

  'form-post.heading': 'Returning to {application}',
  'form-post.heading-plain': 'Returning to the application',
  'form-post.advice': 'Select “Continue” to finish.',
  'form-post.submit': 'Continue',

  'problem.login-name-missing': 'Enter your login name.',
  'problem.password-missing': 'Enter your password.',
  'problem.credentials-wrong': 'The login name or the password is wrong. Check both and try again.',
  'problem.too-many-attempts': 'Too many attempts. Try again {wait}.',
  'problem.busy': 'Many people are signing in right now. Try again {wait}.',
  'problem.account-not-usable': 'This account can’t be used at the moment. Ask your administrator.',

  'error.client-unknown.heading': 'Unknown application',
  'error.client-unknown.advice':
    'The application that sent you here isn’t registered. Go back and try again; if that doesn’t help, tell the people who run the application.',
  'error.redirect-uri-mismatch.heading': 'This application isn’t set up correctly',
  'error.redirect-uri-mismatch.advice':
    'It asked us to send you to an address that isn’t registered for it, so we stopped here. Tell the people who run the application.',
  'error.request-invalid.heading': 'This sign-in link doesn’t work',
  'error.request-invalid.advice':
    'Something in it is missing or wrong. Go back to the application and sign in from there.',
  'error.request-expired.heading': 'This sign-in has expired',
  'error.request-expired.advice':
    'For your safety a sign-in has to be finished within a short time. Go back to the application and start again.',
  'error.other-browser.heading': 'This sign-in was started elsewhere',
  'error.other-browser.advice':
    'A sign-in has to be finished in the browser it was started in. Go back there, or open the application here and start again. If you’re in the right browser, allow cookies for this site.',
  'error.forbidden-origin.heading': 'We didn’t accept this form',
  'error.forbidden-origin.advice':
    'It wasn’t sent from one of our own pages. Go back to the application and sign in from there.',
  'error.host-unknown.heading': 'Nothing lives at this address',
  'error.host-unknown.advice': 'Check the host name in the address bar, or go back to where you came from.',
  'error.not-found.heading': 'Page not found',
  'error.not-found.advice': 'Check the address, or go back to the application and sign in from there.',
  'error.method-not-allowed.heading': 'This page can’t be opened this way',
  'error.method-not-allowed.advice': 'Go back to the application and sign in from there.',
  'error.too-large.heading': 'That was too much at once',
  'error.too-large.advice':
    'More was sent than this page takes. Go back to the application and sign in from there.',
  'error.rate-limited.heading': 'Too many tries',
  'error.rate-limited.advice': 'To protect accounts we limit how often this page can be used.',
  'error.unavailable.heading': 'Sign-in is unavailable right now',
  'error.unavailable.advice': 'This is on our side and should pass soon. Nothing you did is lost.',
  'error.internal.heading': 'Something failed on our side',
  'error.internal.advice': 'Try again. If it fails again, tell your administrator the request ID below.',
  'error.retry': 'Try again {wait}.',
  'error.retry-soon': 'Try again in a moment.',
  'error.for-developers': 'For developers',
  'error.code': 'Error',
  'error.request-id': 'Request ID',

  'footer.language': 'Language',
};
