import { ApiProblem, type ProblemBody } from '@latchkey/contract/client';
import { documentLanguage, type Language } from '../i18n/language.ts';

/** What went wrong and what to do next, by the permanent code of a problem. */
const german: Readonly<Partial<Record<ProblemBody['code'], readonly [what: string, next: string]>>> = {
  'invalid-input': ['Die Eingabe passt nicht', 'Berichtigen Sie die markierten Felder.'],
  'unsafe-setting': [
    'Die Einstellungen passen nicht zusammen',
    'Wählen Sie einen Wert, der angenommen wird.',
  ],
  'password-refused': ['Das Passwort erfüllt die Regeln nicht', 'Wählen Sie ein anderes.'],
  unauthenticated: ['Ihre Anmeldung gilt nicht mehr', 'Melden Sie sich neu an.'],
  'wrong-audience': ['Ihre Anmeldung ist nicht für die Konsole bestimmt', 'Melden Sie sich neu an.'],
  'fresh-sign-in-required': [
    'Die Aktion wurde nicht ausgeführt',
    'Melden Sie sich neu an und wiederholen Sie die Aktion.',
  ],
  forbidden: ['Ihre Verwalterrollen erlauben das nicht', 'Bitten Sie einen Eigentümer um eine Rolle.'],
  'not-found': [
    'Das gibt es nicht, oder nicht für Sie',
    'Prüfen Sie die Adresse und ob Ihre Rollen so weit reichen.',
  ],
  'cursor-invalid': ['Die Liste hat sich geändert', 'Laden Sie die Seite neu.'],
  conflict: ['Der jetzige Zustand lässt das nicht zu', 'Beheben Sie zuerst, was dagegen steht.'],
  'already-exists': [
    'Dieser Name ist schon vergeben',
    'Wählen Sie einen anderen oder ändern Sie das Vorhandene.',
  ],
  'has-dependents': ['Anderes hängt davon ab', 'Entfernen Sie zuerst, was davon abhängt.'],
  'last-owner': ['Dann gäbe es keinen Eigentümer mehr', 'Machen Sie zuerst jemand anderen zum Eigentümer.'],
  'stale-version': [
    'Jemand hat es inzwischen geändert',
    'Laden Sie es neu und nehmen Sie Ihre Änderung darin vor.',
  ],
  'too-large': ['Die Eingabe ist zu groß', 'Senden Sie weniger auf einmal.'],
  unavailable: ['Der Server kann gerade nicht antworten', 'Versuchen Sie es gleich noch einmal.'],
};
/** Codes whose detail tells more than the German sentences do. */
const tellsMore: ReadonlySet<string> = new Set([
  'fresh-sign-in-required',
  'invalid-input',
  'unsafe-setting',
  'password-refused',
  'conflict',
  'has-dependents',
]);

/** A problem of the API in a sentence or two: what went wrong and what to do next. */
export function problemText(
  { code, detail, next }: Pick<ProblemBody, 'code' | 'detail' | 'next'>,
  language: Language,
): string {
  const known = language === 'de' ? german[code] : undefined;
  if (known === undefined) return `${detail} ${next}`;
  const [what, instead] = known;
  return `${what}${tellsMore.has(code) ? ` (${detail.replace(/\.$/, '')})` : ''}. ${instead}`;
}

/** What went wrong, in the language of the page. */
export function errorText(error: Error): string {
  return error instanceof ApiProblem ? problemText(error.problem, documentLanguage()) : error.message;
}
