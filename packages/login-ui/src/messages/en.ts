/** The English sentences. */
export const en = {
  'subtitle.application': 'to continue to {application}',

  'login-name.heading': 'Sign in',
  'login-name.label': 'Login name',
  'login-name.submit': 'Continue',
  'login-name.accounts': 'Choose a signed-in account',
  'login-name.register': 'Create an account',

  'password.heading': 'Enter your password',
  'password.for': 'Signing in as {loginName}',
  'password.label': 'Password',
  'password.submit': 'Sign in',
  'password.other-account': 'Not you?',

  'new-password.heading': 'Choose a new password',
  'new-password.why': 'Somebody else set the password you just used. Choose one that only you know.',
  'new-password.label': 'New password',
  'new-password.submit': 'Save and go on',

  'sign-in.cancel': 'Cancel',

  'accounts.heading': 'Choose an account',
  'accounts.other': 'Use another account',

  'register.heading': 'Create your account',
  'register.given-name': 'First name',
  'register.family-name': 'Last name',
  'register.login-name': 'E-mail address',
  'register.password': 'Password',
  'register.password-hint': 'At least {count} characters. A few words that don’t belong together work well.',
  'register.show-password': 'Show password',
  'register.hide-password': 'Hide password',
  'register.submit': 'Create account',
  'register.sign-in': 'I already have an account',

  'consent.heading': 'Allow access?',
  'consent.asked': '{application} would like to:',
  'consent.identity': 'Know that it’s you who signs in',
  'consent.profile': 'See your profile: name, picture, birthday, language and the like',
  'consent.email': 'See your e-mail address',
  'consent.phone': 'See your phone number',
  'consent.address': 'See your postal address',
  'consent.roles': 'Know your roles at {organization}',
  'consent.metadata': 'See what else {organization} has noted about you',
  'consent.organization': 'Know which organization you belong to',
  'consent.project': 'Use “{project}” of {organization} on your behalf',
  'consent.management-api': 'Manage this Latchkey instance with all your administrator permissions',
  'consent.offline-access': 'Keep this access when you’re not using it',
  'consent.remembered': 'If you allow this, you won’t be asked about it again.',
  'consent.submit': 'Allow',
  'consent.cancel': 'Cancel',

  'device-code.heading': 'Connect a device',
  'device-code.advice': 'Enter the code that your device shows.',
  'device-code.label': 'Code',
  'device-code.submit': 'Continue',

  'device-confirm.heading': 'Connect this device?',
  'device-confirm.asked': '{application} on the device would like to:',
  'device-confirm.code': 'Code on the device',
  'device-confirm.warning':
    'Go on only if you started this yourself, just now, and your device shows this code. If somebody sent you the code, cancel.',
  'device-confirm.submit': 'Connect device',
  'device-confirm.deny': 'Cancel',

  'device-done.approved.heading': 'Device connected',
  'device-done.approved.advice': 'You can close this page. Your device goes on by itself in a moment.',
  'device-done.denied.heading': 'Device not connected',
  'device-done.denied.advice': 'Nothing was shared. You can close this page.',
  'device-done.gone.heading': 'This code is no longer valid',
  'device-done.gone.advice': 'It has been used already, or its time was over. Start again on your device.',
  'device-done.again': 'Enter another code',

  'requests.heading': 'Requests for you',
  'requests.none': 'Nothing waits for your word right now. Reload this page when you expect a request.',
  'requests.warning': 'Approve only what you are doing yourself right now.',
  'requests.asked': '{application} would like to:',
  'requests.message': 'Message',
  'requests.approve': 'Approve',
  'requests.deny': 'Refuse',
  'requests.approve-one': 'Approve the request of {application}',
  'requests.deny-one': 'Refuse the request of {application}',
  'requests.told-approved': 'You approved the request.',
  'requests.told-denied': 'You refused the request.',
  'requests.told-gone': 'That request no longer waits: it was decided elsewhere, or its time was over.',
  'requests.told-refused': 'This account can’t use that application. Ask your administrator.',

  'sign-out-confirm.heading': 'Sign out?',
  'sign-out-confirm.asked': '{application} asks to sign you out.',
  'sign-out-confirm.effect':
    '{count, plural, =0 {You will have to sign in again the next time.} one {This account will be signed out in this browser:} other {These # accounts will be signed out in this browser:}}',
  'sign-out-confirm.submit': 'Sign out',
  'sign-out-confirm.stay': 'Stay signed in',

  'signed-out.heading': 'You’re signed out',
  'signed-out.advice': 'You can close this page. If others use this device, close the browser too.',

  'frontchannel-logout.heading': 'Signing you out',
  'frontchannel-logout.advice': 'The applications you used are being told. This takes a few seconds at most.',
  'frontchannel-logout.continue': 'Continue',

  'signed-in.heading': 'You’re signed in',
  'signed-in.advice': 'Open the application you want to use. It won’t ask for your password again.',
  'signed-in.sign-out': 'Sign out',
  'signed-in.continue': 'Continue',

  'form-post.heading': 'Returning to {application}',
  'form-post.heading-plain': 'Returning to the application',
  'form-post.advice': 'Select “Continue” to finish.',
  'form-post.submit': 'Continue',

  'problem.login-name-missing': 'Enter your login name.',
  'problem.password-missing': 'Enter your password.',
  'problem.given-name-missing': 'Enter your first name.',
  'problem.family-name-missing': 'Enter your last name.',
  'problem.email-missing': 'Enter your e-mail address.',
  'problem.new-password-missing': 'Choose a password.',
  'problem.name-not-usable': 'Use at most 100 letters, without invisible characters.',
  'problem.email-not-usable': 'Enter an e-mail address such as name@example.com.',
  'problem.login-name-taken':
    'There is an account with this address already. Sign in instead, or use another address.',
  'problem.foreign-domain':
    'Addresses of this domain belong to an organization that manages its own accounts. Ask its administrator for one, or use another address.',
  'problem.password-same': 'This is the password you were given. Choose another one.',
  'problem.password-too-short': 'Use at least {count} characters.',
  'problem.password-too-long': 'This password is too long. Use a shorter one.',
  'problem.password-common': 'This password is easily guessed. Use words that others would not put together.',
  'problem.password-contains-context':
    'This password is little more than your name or ours. Use words that have nothing to do with either.',
  'problem.user-code-wrong':
    'No device waits for this code. Check it and try again, or get a new one on your device.',
  'problem.credentials-wrong': 'The login name or the password is wrong. Check both and try again.',
  'problem.too-many-attempts': 'Too many attempts. Try again {wait}.',
  'problem.account-not-usable': 'This account can’t be used at the moment. Ask your administrator.',

  'error.client-unknown.heading': 'Unknown application',
  'error.client-unknown.advice':
    'The application that sent you here isn’t registered. Go back and try again; if that doesn’t help, tell the people who run the application.',
  'error.redirect-uri-mismatch.heading': 'This application isn’t set up correctly',
  'error.redirect-uri-mismatch.advice':
    'It asked us to send you to an address that isn’t registered for it, so we stopped here. Tell the people who run the application.',
  'error.request-invalid.heading':
    '{activity, select, signOut {This sign-out link doesn’t work} device {This link for a device doesn’t work} approval {This link to your requests doesn’t work} other {This sign-in link doesn’t work}}',
  'error.request-invalid.advice':
    '{activity, select, signOut {Something in it is missing or wrong, so you may still be signed in. You can sign out here instead.} device {Something in it is missing or wrong. Enter the code that your device shows.} approval {Something in it is missing or wrong. Open your requests from here.} other {Something in it is missing or wrong. Go back to the application and sign in from there.}}',
  'error.request-expired.heading':
    '{activity, select, signOut {This sign-out has expired} device {This page has expired} approval {This page has expired} other {This sign-in has expired}}',
  'error.request-expired.advice':
    '{activity, select, signOut {You may still be signed in. Start the sign-out again.} device {For your safety a device has to be connected within a short time. Enter the code that your device shows again.} approval {Open your requests again to see what is still waiting.} other {For your safety a sign-in has to be finished within a short time. Nothing is lost: start again from the application.}}',
  'error.other-browser.heading':
    '{activity, select, signOut {This sign-out was started elsewhere} device {This was started elsewhere} approval {This was started elsewhere} other {This sign-in was started elsewhere}}',
  'error.other-browser.advice':
    '{activity, select, signOut {A sign-out has to be finished in the browser it was started in. You can start one in this browser. If you’re in the right browser, allow cookies for this site.} device {A device has to be connected in the browser you started in. You can enter its code in this browser. If you’re in the right browser, allow cookies for this site.} approval {Requests have to be answered in the browser you opened them in. You can open them in this browser. If you’re in the right browser, allow cookies for this site.} other {A sign-in has to be finished in the browser it was started in. Go back there, or open the application here and start again. If you’re in the right browser, allow cookies for this site.}}',
  'error.forbidden-origin.heading': 'We didn’t accept this form',
  'error.forbidden-origin.advice':
    '{activity, select, signOut {It wasn’t sent from one of our own pages. You may still be signed in; sign out from here.} device {It wasn’t sent from one of our own pages. Enter the code of your device here.} approval {It wasn’t sent from one of our own pages. Open your requests from here.} other {It wasn’t sent from one of our own pages. Go back to the application and sign in from there.}}',
  'error.host-unknown.heading': 'Nothing lives at this address',
  'error.host-unknown.advice': 'Check the host name in the address bar, or go back to where you came from.',
  'error.not-found.heading': 'Page not found',
  'error.not-found.advice': 'Check the address, or go back to the application and sign in from there.',
  'error.method-not-allowed.heading': 'This page can’t be opened this way',
  'error.method-not-allowed.advice':
    '{activity, select, signOut {You may still be signed in. Go back to the application and sign out from there.} device {Enter the code of your device again.} approval {Open your requests again.} other {Go back to the application and sign in from there.}}',
  'error.too-large.heading': 'That was too much at once',
  'error.too-large.advice':
    '{activity, select, signOut {More was sent than this page takes. Go back to the application and sign out from there.} device {More was sent than this page takes. Enter the code of your device again.} approval {More was sent than this page takes. Open your requests again.} other {More was sent than this page takes. Go back to the application and sign in from there.}}',
  'error.rate-limited.heading': 'Too many tries',
  'error.rate-limited.advice': 'To protect accounts we limit how often this page can be used.',
  'error.unavailable.heading':
    '{activity, select, signOut {Sign-out is unavailable right now} device {Devices can’t be connected right now} approval {Your requests are unavailable right now} other {Sign-in is unavailable right now}}',
  'error.unavailable.advice': 'This is on our side and should pass soon. Nothing you did is lost.',
  'error.internal.heading': 'Something failed on our side',
  'error.internal.advice': 'Try again. If it fails again, tell your administrator the request ID below.',
  'error.again': 'Start again',
  'error.application': 'Go to {application}',
  'error.application-plain': 'Go to the application',
  'error.start':
    '{activity, select, signOut {Sign out here} device {Enter the code again} approval {See your requests} other {Sign in to your account}}',
  'error.ways': 'How to go on',
  'error.retry': 'Try again {wait}.',
  'error.retry-soon': 'Try again in a moment.',
  'error.for-developers': 'For developers',
  'error.code': 'Error',
  'error.request-id': 'Request ID',

  'busy.heading': 'Too many people are signing in right now',
  'busy.send-again': 'Nothing you did is lost. Wait a second, then reload this page to send the form again.',
  'busy.open-again': 'Nothing you did is lost. Wait a second, then try again.',
  'busy.back': 'Back to the form',
  'busy.again': 'Try again',
  'oversized.address.heading': 'This address is too long',
  'oversized.address.advice':
    'The application sent more than fits in an address. Go back to it and sign in from there; if this happens again, tell its developers.',
  'oversized.headers.heading': 'Your browser sent too much at once',
  'oversized.headers.advice':
    'Most often these are cookies. Delete the cookies of this site, then go back to the application and sign in from there.',

  'application.about': 'About {application}',
  'application.policy': 'Privacy policy',
  'application.tos': 'Terms of service',
  'application.links': 'About the application',

  'footer.language': 'Language',
  'footer.links': 'Help and policies',
  'footer.help': 'Help',
  'footer.terms': 'Terms',
  'footer.privacy': 'Privacy',
};
