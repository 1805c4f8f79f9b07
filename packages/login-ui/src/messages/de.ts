import type { Messages } from './messages.ts';

/** The German sentences. */
export const de: Messages = {
  'subtitle.application': 'um mit {application} fortzufahren',

  'login-name.heading': 'Anmelden',
  'login-name.label': 'Anmeldename',
  'login-name.submit': 'Weiter',
  'login-name.accounts': 'Angemeldetes Konto wählen',

  'password.heading': 'Passwort eingeben',
  'password.for': 'Anmeldung als {loginName}',
  'password.label': 'Passwort',
  'password.submit': 'Anmelden',
  'password.other-account': 'Nicht Sie?',

  'accounts.heading': 'Konto wählen',
  'accounts.other': 'Anderes Konto verwenden',

  'sign-out-confirm.heading': 'Abmelden?',
  'sign-out-confirm.asked': '{application} möchte Sie abmelden.',
  'sign-out-confirm.effect':
    '{count, plural, =0 {Beim nächsten Mal müssen Sie sich wieder anmelden.} one {Dieses Konto wird in diesem Browser abgemeldet:} other {Diese # Konten werden in diesem Browser abgemeldet:}}',
  'sign-out-confirm.submit': 'Abmelden',
  'sign-out-confirm.stay': 'Angemeldet bleiben',

  'signed-out.heading': 'Sie sind abgemeldet',
  'signed-out.advice':
    'Sie können diese Seite schließen. Nutzen auch andere dieses Gerät, schließen Sie besser den ganzen Browser.',

  'signed-in.heading': 'Sie sind angemeldet',
  'signed-in.advice':
    'Öffnen Sie die Anwendung, mit der Sie arbeiten möchten. Ihr Passwort wird dort nicht noch einmal verlangt.',
  'signed-in.sign-out': 'Abmelden',

  'form-post.heading': 'Zurück zu {application}',
  'form-post.heading-plain': 'Zurück zur Anwendung',
  'form-post.advice': 'Mit „Weiter“ schließen Sie die Anmeldung ab.',
  'form-post.submit': 'Weiter',

  'problem.login-name-missing': 'Geben Sie Ihren Anmeldenamen ein.',
  'problem.password-missing': 'Geben Sie Ihr Passwort ein.',
  'problem.credentials-wrong':
    'Anmeldename oder Passwort ist falsch. Prüfen Sie beides und versuchen Sie es noch einmal.',
  'problem.too-many-attempts': 'Zu viele Versuche. Versuchen Sie es {wait} noch einmal.',
  'problem.busy': 'Gerade melden sich sehr viele an. Versuchen Sie es {wait} noch einmal.',
  'problem.account-not-usable':
    'Dieses Konto kann zurzeit nicht verwendet werden. Wenden Sie sich an Ihre Administration.',

  'error.client-unknown.heading': 'Unbekannte Anwendung',
  'error.client-unknown.advice':
    'Die Anwendung, von der Sie kommen, ist hier nicht registriert. Gehen Sie zurück und versuchen Sie es noch einmal; hilft das nicht, wenden Sie sich an die Betreiber der Anwendung.',
  'error.redirect-uri-mismatch.heading': 'Diese Anwendung ist nicht richtig eingerichtet',
  'error.redirect-uri-mismatch.advice':
    'Sie wollte Sie an eine Adresse weiterleiten lassen, die für sie nicht registriert ist. Deshalb geht es hier nicht weiter. Wenden Sie sich an die Betreiber der Anwendung.',
  'error.request-invalid.heading': 'Dieser Anmeldelink funktioniert nicht',
  'error.request-invalid.advice':
    'Darin fehlt etwas oder etwas ist falsch. Gehen Sie zurück zur Anwendung und melden Sie sich von dort aus an.',
  'error.request-expired.heading': 'Diese Anmeldung ist abgelaufen',
  'error.request-expired.advice':
    'Zu Ihrer Sicherheit muss eine Anmeldung in kurzer Zeit abgeschlossen sein. Gehen Sie zurück zur Anwendung und beginnen Sie von vorn.',
  'error.other-browser.heading': 'Diese Anmeldung wurde woanders begonnen',
  'error.other-browser.advice':
    'Eine Anmeldung muss in dem Browser abgeschlossen werden, in dem sie begonnen wurde. Wechseln Sie dorthin, oder öffnen Sie die Anwendung hier und beginnen Sie von vorn. Sind Sie schon im richtigen Browser, erlauben Sie Cookies für diese Seite.',
  'error.forbidden-origin.heading': 'Dieses Formular wurde nicht angenommen',
  'error.forbidden-origin.advice':
    'Es wurde nicht von einer unserer Seiten abgeschickt. Gehen Sie zurück zur Anwendung und melden Sie sich von dort aus an.',
  'error.host-unknown.heading': 'Unter dieser Adresse gibt es nichts',
  'error.host-unknown.advice':
    'Prüfen Sie den Hostnamen in der Adresszeile, oder gehen Sie dorthin zurück, woher Sie gekommen sind.',
  'error.not-found.heading': 'Seite nicht gefunden',
  'error.not-found.advice':
    'Prüfen Sie die Adresse, oder gehen Sie zurück zur Anwendung und melden Sie sich von dort aus an.',
  'error.method-not-allowed.heading': 'So lässt sich diese Seite nicht öffnen',
  'error.method-not-allowed.advice': 'Gehen Sie zurück zur Anwendung und melden Sie sich von dort aus an.',
  'error.too-large.heading': 'Das war zu viel auf einmal',
  'error.too-large.advice':
    'Es wurde mehr gesendet, als diese Seite annimmt. Gehen Sie zurück zur Anwendung und melden Sie sich von dort aus an.',
  'error.rate-limited.heading': 'Zu viele Versuche',
  'error.rate-limited.advice': 'Zum Schutz der Konten ist begrenzt, wie oft diese Seite benutzt werden kann.',
  'error.unavailable.heading': 'Die Anmeldung ist gerade nicht verfügbar',
  'error.unavailable.advice':
    'Das liegt an uns und sollte bald vorbei sein. Es ist nichts verloren gegangen.',
  'error.internal.heading': 'Bei uns ist etwas schiefgegangen',
  'error.internal.advice':
    'Versuchen Sie es noch einmal. Hilft das nicht, nennen Sie Ihrer Administration die Anfrage‑ID unten.',
  'error.retry': 'Versuchen Sie es {wait} noch einmal.',
  'error.retry-soon': 'Versuchen Sie es gleich noch einmal.',
  'error.for-developers': 'Für Entwickler',
  'error.code': 'Fehler',
  'error.request-id': 'Anfrage‑ID',

  'footer.language': 'Sprache',
};
