/** Control characters, and the marks that turn the direction of the text after them (Unicode UAX 9 §2). */
const deceptive = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
const everyDeceptive = new RegExp(deceptive, 'gu');

/**
 * Makes text that somebody else wrote safe to *read*: characters that are invisible themselves and change how their
 * neighbours look (`user\u202Egro.elpmaxe@`) become a visible `\uFFFD`. Escaping for HTML is the renderer's work. Values that
 * travel back in a form are never passed through here: they must return as they came.
 */
export function visibleText(text: string): string {
  return deceptive.test(text) ? text.replace(everyDeceptive, '\uFFFD') : text;
}
