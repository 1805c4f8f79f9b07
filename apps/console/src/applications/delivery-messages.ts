import { defineMessages } from '../i18n/text.ts';

/** Sentences about messages that are sent to an application. */
export const deliveryMessages = defineMessages({
  en: {
    title: 'Messages to this application',
    'failing backchannel-logout': 'Sign-outs do not reach the application',
    'failing ciba-ping': 'CIBA notifications do not reach the application',
    'waiting backchannel-logout': 'Sign-outs are on their way',
    'waiting ciba-ping': 'CIBA notifications are on their way',
    'recovered backchannel-logout': 'Sign-outs reach the application again',
    'recovered ciba-ping': 'CIBA notifications reach the application again',
    answered: '{address} answered with status {status}.',
    unreachable:
      '{address} could not be reached: no answer came in time, or its name does not lead to a public address.',
    'not-https':
      'The server does not call {address}, which is not https. Use https, or allow it in LATCHKEY_OUTBOUND_ALLOW.',
    'not-public':
      'The server does not call {address}, which is not a public address. Use one that is, or allow it in LATCHKEY_OUTBOUND_ALLOW.',
    'not-callable': 'The server cannot call {address}. Use an absolute https URL of at most 2048 characters.',
    lastFailure: 'Last failure',
    givenUp: 'That message was given up: the application will not get it.',
    waiting:
      '{count, plural, =0 {No message waits} one {One message waits} other {# messages wait}} to be sent.',
    nextAttempt: 'Next attempt',
    recoveredAt: 'Delivered again',
  },
  de: {
    title: 'Nachrichten an diese Anwendung',
    'failing backchannel-logout': 'Abmeldungen erreichen die Anwendung nicht',
    'failing ciba-ping': 'CIBA-Benachrichtigungen erreichen die Anwendung nicht',
    'waiting backchannel-logout': 'Abmeldungen sind unterwegs',
    'waiting ciba-ping': 'CIBA-Benachrichtigungen sind unterwegs',
    'recovered backchannel-logout': 'Abmeldungen erreichen die Anwendung wieder',
    'recovered ciba-ping': 'CIBA-Benachrichtigungen erreichen die Anwendung wieder',
    answered: '{address} hat mit Status {status} geantwortet.',
    unreachable:
      '{address} war nicht erreichbar: Es kam rechtzeitig keine Antwort, oder der Name führt zu keiner öffentlichen Adresse.',
    'not-https':
      'Der Server ruft {address} nicht auf, denn das ist kein https. Nimm https, oder erlaube die Adresse in LATCHKEY_OUTBOUND_ALLOW.',
    'not-public':
      'Der Server ruft {address} nicht auf, denn die Adresse ist nicht öffentlich. Nimm eine öffentliche, oder erlaube sie in LATCHKEY_OUTBOUND_ALLOW.',
    'not-callable':
      'Der Server kann {address} nicht aufrufen. Nimm eine absolute https-Adresse mit höchstens 2048 Zeichen.',
    lastFailure: 'Letzter Fehler',
    givenUp: 'Diese Nachricht wird nicht noch einmal gesendet: Die Anwendung erhält sie nicht.',
    waiting:
      '{count, plural, =0 {Keine Nachricht wartet} one {Eine Nachricht wartet} other {# Nachrichten warten}} auf den Versand.',
    nextAttempt: 'Nächster Versuch',
    recoveredAt: 'Wieder zugestellt',
  },
});
