/** What the API says in English about unsafe settings, in German, by its permanent code. */
export const germanHints: Readonly<Record<string, { readonly message: string; readonly fix: string }>> = {
  'development-mode': {
    message:
      'Der Entwicklungsmodus lässt Menschen über einfaches http und zu Adressen zurückkehren, die nur einem Muster entsprechen.',
    fix: 'Schalte ihn aus, bevor echte Menschen die Anwendung nutzen, und trage https-Adressen ein.',
  },
  'redirect-uri-http': {
    message:
      'Eine Rückkehradresse ist unverschlüsselt: Wer auf dem Weg sitzt, kann den Code lesen. Anmeldungen dorthin werden abgewiesen.',
    fix: 'Nimm https, oder schalte den Entwicklungsmodus ein, solange du entwickelst.',
  },
  'redirect-uri-unencrypted': {
    message:
      'Eine Rückkehradresse ist unverschlüsselt: Wer auf dem Netzwerkweg sitzt, kann den Code lesen und einlösen.',
    fix: 'Nimm https.',
  },
  'redirect-uri-custom-scheme': {
    message:
      'Eine Rückkehradresse hat ein eigenes Schema, das jede andere App auf dem Gerät beanspruchen kann. Anmeldungen dorthin werden abgewiesen.',
    fix: 'Nimm https, oder wähle die Art Native App, wenn sie auf einem Gerät läuft.',
  },
  'redirect-uris-missing': {
    message: 'Niemand kann sich anmelden: Es gibt keine Adresse, zu der man zurückkehrt.',
    fix: 'Trage die Adresse ein, unter der deine Anwendung Anmeldungen empfängt, etwa https://app.example.com/callback.',
  },
  'logout-uri-http': {
    message: 'Wer sich abmeldet, wird unverschlüsselt weitergeschickt.',
    fix: 'Nimm https.',
  },
  'implicit-flow': {
    message: 'Der implizite Weg schreibt Tokens in die Adresse, wo Verläufe und fremde Skripte sie finden.',
    fix: 'Nimm authorization_code mit PKCE und entferne implicit.',
  },
  'implicit-redirect-http': {
    message: 'Eine Rückkehradresse bekäme Tokens unverschlüsselt.',
    fix: 'Nimm https für jede Rückkehradresse einer Anwendung mit dem impliziten Weg.',
  },
  'secret-in-public-client': {
    message: 'Ein Geheimnis in einer App, die Menschen installieren, ist keines: Wer die App hat, hat es.',
    fix: 'Stelle den Ausweis auf none; PKCE schützt die Anmeldung.',
  },
  'key-in-browser': {
    message: 'Schlüssel, mit denen sich die Anwendung ausweist, lassen sich im Browser nicht verwahren.',
    fix: 'Stelle den Ausweis auf none, oder nimm die Art Webserver für das, was auf einem Server läuft.',
  },
  'web-without-authentication': {
    message: 'Eine Anwendung auf einem Server kann ein Geheimnis verwahren, aber diese weist sich nicht aus.',
    fix: 'Wähle client_secret_basic, oder private_key_jwt für einen Schlüssel statt eines Geheimnisses.',
  },
  'refresh-without-sign-in': {
    message: 'Es gibt nichts zu erneuern: Kein Weg der Anwendung gibt Refresh-Tokens aus.',
    fix: 'Füge authorization_code oder den Gerätecode hinzu, oder entferne refresh_token.',
  },
  'pkce-not-required': {
    message:
      'Autorisierungscodes dieser Anwendung lassen sich ohne PKCE einlösen; ein Code, der einem anderen Browser untergeschoben wird, fällt nicht auf.',
    fix: 'Schalte „Autorisierungscodes brauchen PKCE“ ein, sobald die Anwendung eine code_challenge sendet.',
  },
  'unbound-tokens': {
    message:
      'Access-Tokens müssen an einen Schlüssel gebunden sein, ein Token in der Autorisierungsantwort ist es aber nie. Solche Anfragen werden abgewiesen.',
    fix: 'Nimm nur den Antworttyp code.',
  },
  'address-not-https': {
    message: 'Der Server wird diese Adresse nicht aufrufen: Sie ist unverschlüsselt.',
    fix: 'Nimm https, oder bitte den Betreiber des Servers, die Adresse in LATCHKEY_OUTBOUND_ALLOW zu erlauben.',
  },
  'address-not-public': {
    message: 'Der Server wird diese Adresse nicht aufrufen: Sie ist nicht öffentlich erreichbar.',
    fix: 'Nimm eine öffentliche Adresse, oder bitte den Betreiber des Servers, diese in LATCHKEY_OUTBOUND_ALLOW zu erlauben.',
  },
  'address-not-callable': {
    message: 'Der Server wird diese Adresse nicht aufrufen: Sie ist keine Adresse, die er aufrufen kann.',
    fix: 'Nimm eine absolute https-Adresse mit höchstens 2048 Zeichen.',
  },
};
