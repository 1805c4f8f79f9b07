import type { Messages } from './messages.ts';

/** The German sentences. */
export const de: Messages = {
  'subtitle.application': 'um mit {application} fortzufahren',

  'login-name.heading': 'Anmelden',
  'login-name.label': 'Anmeldename',
  'login-name.submit': 'Weiter',
  'login-name.accounts': 'Angemeldetes Konto wählen',
  'login-name.register': 'Konto erstellen',

  'password.heading': 'Passwort eingeben',
  'password.for': 'Anmeldung als {loginName}',
  'password.label': 'Passwort',
  'password.submit': 'Anmelden',
  'password.other-account': 'Nicht Sie?',

  'new-password.heading': 'Neues Passwort wählen',
  'new-password.why':
    'Das eben benutzte Passwort hat jemand anderes gesetzt. Wählen Sie eines, das nur Sie kennen.',
  'new-password.label': 'Neues Passwort',
  'new-password.submit': 'Speichern und fortfahren',

  'sign-in.cancel': 'Abbrechen',

  'accounts.heading': 'Konto wählen',
  'accounts.other': 'Anderes Konto verwenden',

  'register.heading': 'Konto erstellen',
  'register.given-name': 'Vorname',
  'register.family-name': 'Nachname',
  'register.login-name': 'E‑Mail-Adresse',
  'register.password': 'Passwort',
  'register.password-hint':
    'Mindestens {count} Zeichen. Gut sind ein paar Wörter, die nichts miteinander zu tun haben.',
  'register.show-password': 'Passwort anzeigen',
  'register.hide-password': 'Passwort verbergen',
  'register.submit': 'Konto erstellen',
  'register.sign-in': 'Ich habe schon ein Konto',

  'consent.heading': 'Zugriff erlauben?',
  'consent.asked': '{application} möchte:',
  'consent.identity': 'wissen, dass Sie es sind, wenn Sie sich anmelden',
  'consent.profile': 'Ihr Profil sehen: Name, Bild, Geburtstag, Sprache und Ähnliches',
  'consent.email': 'Ihre E‑Mail-Adresse sehen',
  'consent.phone': 'Ihre Telefonnummer sehen',
  'consent.address': 'Ihre Postanschrift sehen',
  'consent.roles': 'Ihre Rollen bei {organization} kennen',
  'consent.metadata': 'sehen, was {organization} sonst über Sie notiert hat',
  'consent.organization': 'wissen, zu welcher Organisation Sie gehören',
  'consent.project': '„{project}“ von {organization} in Ihrem Namen nutzen',
  'consent.management-api': 'diese Latchkey-Instanz mit allen Ihren Administratorrechten verwalten',
  'consent.offline-access': 'diesen Zugriff behalten, auch wenn Sie nicht da sind',
  'consent.remembered': 'Wenn Sie das erlauben, werden Sie danach nicht noch einmal gefragt.',
  'consent.submit': 'Erlauben',
  'consent.cancel': 'Abbrechen',

  'device-code.heading': 'Gerät verbinden',
  'device-code.advice': 'Geben Sie den Code ein, den Ihr Gerät anzeigt.',
  'device-code.label': 'Gerätecode',
  'device-code.submit': 'Weiter',

  'device-confirm.heading': 'Dieses Gerät verbinden?',
  'device-confirm.asked': '{application} auf dem Gerät möchte:',
  'device-confirm.code': 'Code auf dem Gerät',
  'device-confirm.warning':
    'Fahren Sie nur fort, wenn Sie dies gerade selbst begonnen haben und Ihr Gerät diesen Code anzeigt. Hat Ihnen jemand den Code geschickt, brechen Sie ab.',
  'device-confirm.submit': 'Gerät verbinden',
  'device-confirm.deny': 'Abbrechen',

  'device-done.approved.heading': 'Gerät verbunden',
  'device-done.approved.advice':
    'Sie können diese Seite schließen. Auf Ihrem Gerät geht es gleich von selbst weiter.',
  'device-done.denied.heading': 'Gerät nicht verbunden',
  'device-done.denied.advice': 'Es wurde nichts weitergegeben. Sie können diese Seite schließen.',
  'device-done.gone.heading': 'Dieser Code gilt nicht mehr',
  'device-done.gone.advice':
    'Er wurde schon verwendet, oder seine Zeit ist abgelaufen. Beginnen Sie auf Ihrem Gerät von vorn.',
  'device-done.again': 'Anderen Code eingeben',

  'requests.heading': 'Anfragen an Sie',
  'requests.none': 'Gerade wartet nichts auf Sie. Erwarten Sie eine Anfrage, laden Sie diese Seite neu.',
  'requests.warning': 'Stimmen Sie nur dem zu, was Sie gerade selbst tun.',
  'requests.asked': '{application} möchte:',
  'requests.message': 'Nachricht',
  'requests.approve': 'Zustimmen',
  'requests.deny': 'Ablehnen',
  'requests.approve-one': 'Der Anfrage von {application} zustimmen',
  'requests.deny-one': 'Die Anfrage von {application} ablehnen',
  'requests.told-approved': 'Sie haben der Anfrage zugestimmt.',
  'requests.told-denied': 'Sie haben die Anfrage abgelehnt.',
  'requests.told-gone':
    'Diese Anfrage wartet nicht mehr: Sie wurde anderswo entschieden, oder ihre Zeit ist abgelaufen.',
  'requests.told-refused':
    'Mit diesem Konto lässt sich die Anwendung nicht verwenden. Wenden Sie sich an Ihre Administration.',

  'sign-out-confirm.heading': 'Abmelden?',
  'sign-out-confirm.asked': '{application} möchte Sie abmelden.',
  'sign-out-confirm.effect':
    '{count, plural, =0 {Beim nächsten Mal müssen Sie sich wieder anmelden.} one {Dieses Konto wird in diesem Browser abgemeldet:} other {Diese # Konten werden in diesem Browser abgemeldet:}}',
  'sign-out-confirm.submit': 'Abmelden',
  'sign-out-confirm.stay': 'Angemeldet bleiben',

  'signed-out.heading': 'Sie sind abgemeldet',
  'signed-out.advice':
    'Sie können diese Seite schließen. Nutzen auch andere dieses Gerät, schließen Sie besser den ganzen Browser.',

  'frontchannel-logout.heading': 'Sie werden abgemeldet',
  'frontchannel-logout.advice':
    'Die Anwendungen, mit denen Sie gearbeitet haben, erfahren es gerade. Das dauert höchstens ein paar Sekunden.',
  'frontchannel-logout.continue': 'Weiter',

  'signed-in.heading': 'Sie sind angemeldet',
  'signed-in.advice':
    'Öffnen Sie die Anwendung, mit der Sie arbeiten möchten. Ihr Passwort wird dort nicht noch einmal verlangt.',
  'signed-in.sign-out': 'Abmelden',
  'signed-in.continue': 'Weiter',

  'form-post.heading': 'Zurück zu {application}',
  'form-post.heading-plain': 'Zurück zur Anwendung',
  'form-post.advice': 'Mit „Weiter“ schließen Sie die Anmeldung ab.',
  'form-post.submit': 'Weiter',

  'problem.login-name-missing': 'Geben Sie Ihren Anmeldenamen ein.',
  'problem.password-missing': 'Geben Sie Ihr Passwort ein.',
  'problem.given-name-missing': 'Geben Sie Ihren Vornamen ein.',
  'problem.family-name-missing': 'Geben Sie Ihren Nachnamen ein.',
  'problem.email-missing': 'Geben Sie Ihre E‑Mail-Adresse ein.',
  'problem.new-password-missing': 'Wählen Sie ein Passwort.',
  'problem.name-not-usable': 'Verwenden Sie höchstens 100 Buchstaben, keine unsichtbaren Zeichen.',
  'problem.email-not-usable': 'Geben Sie eine E‑Mail-Adresse ein, zum Beispiel name@example.com.',
  'problem.login-name-taken':
    'Zu dieser Adresse gibt es schon ein Konto. Melden Sie sich damit an, oder nehmen Sie eine andere Adresse.',
  'problem.foreign-domain':
    'Adressen dieser Domain gehören zu einer Organisation, die ihre Konten selbst verwaltet. Fragen Sie dort nach einem Konto, oder nehmen Sie eine andere Adresse.',
  'problem.password-same': 'Das ist das Passwort, das Sie bekommen haben. Wählen Sie ein anderes.',
  'problem.password-too-short': 'Verwenden Sie mindestens {count} Zeichen.',
  'problem.password-too-long': 'Dieses Passwort ist zu lang. Nehmen Sie ein kürzeres.',
  'problem.password-common':
    'Dieses Passwort ist leicht zu erraten. Nehmen Sie Wörter, die sonst niemand zusammenstellt.',
  'problem.password-contains-context':
    'Dieses Passwort besteht fast nur aus Ihrem oder unserem Namen. Nehmen Sie Wörter, die damit nichts zu tun haben.',
  'problem.user-code-wrong':
    'Auf diesen Code wartet kein Gerät. Prüfen Sie ihn und versuchen Sie es noch einmal, oder lassen Sie sich auf dem Gerät einen neuen geben.',
  'problem.credentials-wrong':
    'Anmeldename oder Passwort ist falsch. Prüfen Sie beides und versuchen Sie es noch einmal.',
  'problem.too-many-attempts': 'Zu viele Versuche. Versuchen Sie es {wait} noch einmal.',
  'problem.account-not-usable':
    'Dieses Konto kann zurzeit nicht verwendet werden. Wenden Sie sich an Ihre Administration.',

  'error.client-unknown.heading': 'Unbekannte Anwendung',
  'error.client-unknown.advice':
    'Die Anwendung, von der Sie kommen, ist hier nicht registriert. Gehen Sie zurück und versuchen Sie es noch einmal; hilft das nicht, wenden Sie sich an die Betreiber der Anwendung.',
  'error.redirect-uri-mismatch.heading': 'Diese Anwendung ist nicht richtig eingerichtet',
  'error.redirect-uri-mismatch.advice':
    'Sie wollte Sie an eine Adresse weiterleiten lassen, die für sie nicht registriert ist. Deshalb geht es hier nicht weiter. Wenden Sie sich an die Betreiber der Anwendung.',
  'error.request-invalid.heading':
    '{activity, select, signOut {Dieser Abmeldelink funktioniert nicht} device {Dieser Link für ein Gerät funktioniert nicht} approval {Dieser Link zu Ihren Anfragen funktioniert nicht} other {Dieser Anmeldelink funktioniert nicht}}',
  'error.request-invalid.advice':
    '{activity, select, signOut {Darin fehlt etwas oder etwas ist falsch. Möglicherweise sind Sie noch angemeldet. Sie können sich stattdessen hier abmelden.} device {Darin fehlt etwas oder etwas ist falsch. Geben Sie den Code ein, den Ihr Gerät zeigt.} approval {Darin fehlt etwas oder etwas ist falsch. Öffnen Sie Ihre Anfragen von hier aus.} other {Darin fehlt etwas oder etwas ist falsch. Gehen Sie zurück zur Anwendung und melden Sie sich von dort aus an.}}',
  'error.request-expired.heading':
    '{activity, select, signOut {Diese Abmeldung ist abgelaufen} device {Diese Seite ist abgelaufen} approval {Diese Seite ist abgelaufen} other {Diese Anmeldung ist abgelaufen}}',
  'error.request-expired.advice':
    '{activity, select, signOut {Möglicherweise sind Sie noch angemeldet. Beginnen Sie die Abmeldung von vorn.} device {Zu Ihrer Sicherheit muss ein Gerät in kurzer Zeit verbunden sein. Geben Sie den Code, den Ihr Gerät zeigt, noch einmal ein.} approval {Öffnen Sie Ihre Anfragen noch einmal, um zu sehen, was noch wartet.} other {Zu Ihrer Sicherheit muss eine Anmeldung in kurzer Zeit abgeschlossen sein. Es ist nichts verloren: Beginnen Sie von der Anwendung aus von vorn.}}',
  'error.other-browser.heading':
    '{activity, select, signOut {Diese Abmeldung wurde woanders begonnen} device {Das wurde woanders begonnen} approval {Das wurde woanders begonnen} other {Diese Anmeldung wurde woanders begonnen}}',
  'error.other-browser.advice':
    '{activity, select, signOut {Eine Abmeldung muss in dem Browser abgeschlossen werden, in dem sie begonnen wurde. Sie können in diesem Browser eine beginnen. Sind Sie schon im richtigen Browser, erlauben Sie Cookies für diese Seite.} device {Ein Gerät muss in dem Browser verbunden werden, in dem Sie begonnen haben. Sie können seinen Code in diesem Browser eingeben. Sind Sie schon im richtigen Browser, erlauben Sie Cookies für diese Seite.} approval {Anfragen müssen in dem Browser beantwortet werden, in dem Sie sie geöffnet haben. Sie können sie in diesem Browser öffnen. Sind Sie schon im richtigen Browser, erlauben Sie Cookies für diese Seite.} other {Eine Anmeldung muss in dem Browser abgeschlossen werden, in dem sie begonnen wurde. Wechseln Sie dorthin, oder öffnen Sie die Anwendung hier und beginnen Sie von vorn. Sind Sie schon im richtigen Browser, erlauben Sie Cookies für diese Seite.}}',
  'error.forbidden-origin.heading': 'Dieses Formular wurde nicht angenommen',
  'error.forbidden-origin.advice':
    '{activity, select, signOut {Es wurde nicht von einer unserer Seiten abgeschickt. Möglicherweise sind Sie noch angemeldet; melden Sie sich hier ab.} device {Es wurde nicht von einer unserer Seiten abgeschickt. Geben Sie den Code Ihres Geräts hier ein.} approval {Es wurde nicht von einer unserer Seiten abgeschickt. Öffnen Sie Ihre Anfragen von hier aus.} other {Es wurde nicht von einer unserer Seiten abgeschickt. Gehen Sie zurück zur Anwendung und melden Sie sich von dort aus an.}}',
  'error.host-unknown.heading': 'Unter dieser Adresse gibt es nichts',
  'error.host-unknown.advice':
    'Prüfen Sie den Hostnamen in der Adresszeile, oder gehen Sie dorthin zurück, woher Sie gekommen sind.',
  'error.not-found.heading': 'Seite nicht gefunden',
  'error.not-found.advice':
    'Prüfen Sie die Adresse, oder gehen Sie zurück zur Anwendung und melden Sie sich von dort aus an.',
  'error.method-not-allowed.heading': 'So lässt sich diese Seite nicht öffnen',
  'error.method-not-allowed.advice':
    '{activity, select, signOut {Möglicherweise sind Sie noch angemeldet. Gehen Sie zurück zur Anwendung und melden Sie sich von dort aus ab.} device {Geben Sie den Code Ihres Geräts noch einmal ein.} approval {Öffnen Sie Ihre Anfragen noch einmal.} other {Gehen Sie zurück zur Anwendung und melden Sie sich von dort aus an.}}',
  'error.too-large.heading': 'Das war zu viel auf einmal',
  'error.too-large.advice':
    '{activity, select, signOut {Es wurde mehr gesendet, als diese Seite annimmt. Gehen Sie zurück zur Anwendung und melden Sie sich von dort aus ab.} device {Es wurde mehr gesendet, als diese Seite annimmt. Geben Sie den Code Ihres Geräts noch einmal ein.} approval {Es wurde mehr gesendet, als diese Seite annimmt. Öffnen Sie Ihre Anfragen noch einmal.} other {Es wurde mehr gesendet, als diese Seite annimmt. Gehen Sie zurück zur Anwendung und melden Sie sich von dort aus an.}}',
  'error.rate-limited.heading': 'Zu viele Versuche',
  'error.rate-limited.advice': 'Zum Schutz der Konten ist begrenzt, wie oft diese Seite benutzt werden kann.',
  'error.unavailable.heading':
    '{activity, select, signOut {Die Abmeldung ist gerade nicht verfügbar} device {Geräte lassen sich gerade nicht verbinden} approval {Ihre Anfragen sind gerade nicht verfügbar} other {Die Anmeldung ist gerade nicht verfügbar}}',
  'error.unavailable.advice':
    'Das liegt an uns und sollte bald vorbei sein. Es ist nichts verloren gegangen.',
  'error.internal.heading': 'Bei uns ist etwas schiefgegangen',
  'error.internal.advice':
    'Versuchen Sie es noch einmal. Hilft das nicht, nennen Sie Ihrer Administration die Anfrage‑ID unten.',
  'error.again': 'Von vorn beginnen',
  'error.application': 'Zu {application}',
  'error.application-plain': 'Zur Anwendung',
  'error.start':
    '{activity, select, signOut {Hier abmelden} device {Code noch einmal eingeben} approval {Anfragen ansehen} other {Im eigenen Konto anmelden}}',
  'error.ways': 'So geht es weiter',
  'error.retry': 'Versuchen Sie es {wait} noch einmal.',
  'error.retry-soon': 'Versuchen Sie es gleich noch einmal.',
  'error.for-developers': 'Für Entwickler',
  'error.code': 'Fehler',
  'error.request-id': 'Anfrage‑ID',

  'busy.heading': 'Gerade melden sich zu viele Personen an',
  'busy.send-again':
    'Es ist nichts verloren. Warten Sie eine Sekunde und laden Sie diese Seite neu, um das Formular noch einmal zu senden.',
  'busy.open-again': 'Es ist nichts verloren. Warten Sie eine Sekunde und versuchen Sie es dann noch einmal.',
  'busy.back': 'Zurück zum Formular',
  'busy.again': 'Noch einmal versuchen',
  'oversized.address.heading': 'Diese Adresse ist zu lang',
  'oversized.address.advice':
    'Die Anwendung hat mehr gesendet, als in eine Adresse passt. Gehen Sie zurück zur Anwendung und melden Sie sich von dort aus an. Passiert es wieder, sagen Sie es denen, die sie entwickeln.',
  'oversized.headers.heading': 'Ihr Browser hat zu viel auf einmal gesendet',
  'oversized.headers.advice':
    'Meist sind es Cookies. Löschen Sie die Cookies dieser Website, gehen Sie dann zurück zur Anwendung und melden Sie sich von dort aus an.',

  'application.about': 'Über {application}',
  'application.policy': 'Datenschutz',
  'application.tos': 'Nutzungsbedingungen',
  'application.links': 'Über die Anwendung',

  'footer.language': 'Sprache',
  'footer.links': 'Hilfe und Regeln',
  'footer.help': 'Hilfe',
  'footer.terms': 'Bedingungen',
  'footer.privacy': 'Datenschutz',
};
