import { defineMessages } from '../i18n/text.ts';

/** Words of the dialog that asks for another sign-in. */
export const signInAgainMessages = defineMessages({
  en: {
    title: 'Sign in again to continue',
    text: 'This action requires a recent sign-in. You sign in again in a new window; nothing on this page is lost, and the action continues afterwards.',
    signIn: 'Sign in again',
    cancel: 'Cancel',
    waiting: 'Waiting for you to sign in in the other window …',
    blocked: 'Your browser blocked the window. Allow pop-ups for this page and try again.',
    otherUser: 'You signed in as another user. The action was not carried out.',
    canceled: 'This action requires a recent sign-in.',
    stillOld: 'The server still requires a more recent sign-in.',
    next: 'Sign in again and repeat the action.',
    done: 'You are signed in. You can close this window.',
    continuing: 'Taking you to the sign-in page …',
  },
  de: {
    title: 'Zum Fortfahren neu anmelden',
    text: 'Diese Aktion verlangt eine kürzlich erfolgte Anmeldung. Sie melden sich in einem neuen Fenster an; auf dieser Seite geht nichts verloren, und die Aktion läuft danach weiter.',
    signIn: 'Neu anmelden',
    cancel: 'Abbrechen',
    waiting: 'Warten auf Ihre Anmeldung im anderen Fenster …',
    blocked:
      'Ihr Browser hat das Fenster blockiert. Erlauben Sie Pop-ups für diese Seite und versuchen Sie es noch einmal.',
    otherUser: 'Sie haben sich als jemand anderes angemeldet. Die Aktion wurde nicht ausgeführt.',
    canceled: 'Diese Aktion verlangt eine kürzlich erfolgte Anmeldung.',
    stillOld: 'Der Server verlangt weiterhin eine neuere Anmeldung.',
    next: 'Melden Sie sich neu an und wiederholen Sie die Aktion.',
    done: 'Sie sind angemeldet. Sie können dieses Fenster schließen.',
    continuing: 'Sie werden zur Anmeldung geleitet …',
  },
});
