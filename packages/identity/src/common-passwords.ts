/**
 * What people put into a password most often, alone or one after another: chosen by hand from what surveys of leaked
 * passwords agree on. Letters only and in lower case; figures and signs around them are taken away before a look-up.
 */
const words = `
  password passwort passwords passwd passphrase pass pwd secret geheim kennwort code login logon signin welcome willkommen
  hello hallo admin administrator root user users guest gast test testing tester demo sample example change changeme change
  default temp temporary master owner manager system server access account private public security secure internet computer
  laptop windows linux apple google facebook twitter instagram youtube microsoft samsung android iphone email mail
  letmein letme open sesame opensesame trustno trust iloveyou ilove ichliebedich ichliebe love loveme lovely loveyou liebe
  lover you me my mine baby babygirl babyboy honey sweetheart sweety darling schatz schatzi angel engel princess prinzessin
  prince king queen superman batman spiderman ironman starwars startrek pokemon naruto minecraft fortnite dragon monkey
  tiger lion eagle panther butterfly flower sunshine sonnenschein sunflower rainbow summer sommer winter spring autumn
  herbst fruehling january february march april may june july august september october november december januar februar
  monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag
  football fussball soccer baseball basketball hockey tennis golf liverpool chelsea arsenal barcelona madrid juventus bayern
  schalke dortmund yankees lakers cowboys ferrari porsche mercedes corvette mustang harley yamaha
  michael jennifer jessica michelle ashley daniel matthew joshua andrew robert thomas charlie jordan hunter george maggie
  alexander alexandra nicole hannah samantha anthony christian jonathan patrick stephanie martin julia sarah laura peter
  qwerty qwertz azerty asdf asdfgh asdfghjkl zxcvbn zxcvbnm yxcvbnm qwertyuiop qwertzuiop qazwsx qwer wasd abc abcd abcdef
  abcdefg xyz one two three four five six seven eight nine zero eins zwei drei vier
  freedom freiheit forever ever always whatever something nothing anything everything nobody somebody fuck fuckyou fuckoff
  shit bitch asshole sexy pussy hottie killer shadow ninja warrior wizard matrix merlin phoenix diamond silver golden
  cookie chocolate banana cheese pepper ginger coffee pizza chicken hamburger family familie mother father brother sister
  mama papa mommy daddy friend friends freund blessed jesus christ jesuschrist god heaven lucky happy smile
  is the a i and your to in on me we our it no yes please now new old big first last this that for
`
  .split(/\s+/)
  .filter((word) => word !== '');

const commonWords: ReadonlySet<string> = new Set(words);
const longestWord = Math.max(...words.map((word) => word.length));

const rows = [
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'yxcvbnm',
  '1234567890',
  '0123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qazwsxedcrfvtgbyhnujmikolp',
  'qaywsxedcrfvtgbzhnujmikolp',
  '1q2w3e4r5t6y7u8i9o0p',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik',
];
const walks = rows.flatMap((row) => [row, [...row].reverse().join('')]);
const shortestWalk = 3;

const lookalikes: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** Whether a text is nothing but walks along the rows of a keyboard, the alphabet or the figures. */
function isWalked(text: string): boolean {
  let at = 0;
  while (at < text.length) {
    let length = 0;
    for (const walk of walks) {
      let reach = 0;
      while (at + reach < text.length && walk.includes(text.slice(at, at + reach + 1))) reach += 1;
      length = Math.max(length, reach);
    }
    if (length < shortestWalk) return false;
    at += length;
  }
  return text !== '';
}

/** Whether letters are nothing but common words, one after another. */
function isMadeOfWords(letters: string): boolean {
  // Whether the first n letters are such, by n.
  const isMade = [true];
  for (let end = 1; end <= letters.length; end += 1) {
    let found = false;
    for (let start = Math.max(0, end - longestWord); start < end && !found; start += 1)
      found = isMade[start] === true && commonWords.has(letters.slice(start, end));
    isMade.push(found);
  }
  return letters !== '' && isMade.at(-1) === true;
}

/** The shortest text that gives this one when repeated. */
function repeatedPart(text: string): string {
  const length = (text + text).indexOf(text, 1);
  return text.slice(0, length);
}

const longestJudged = 128;

/**
 * Whether a password, in lower case, is what everybody would try first: common words one after another, with figures and
 * signs around them or in place of letters, walks along the keyboard, or a short text repeated. In place of a list of
 * known passwords it knows what they are made of, so that longer ones of the same kind are found too.
 * Source: NIST SP 800-63B-4 §3.1.1.2.
 */
export function isCommonPassword(lower: string): boolean {
  // Guesses are short; and what it costs to judge a password must not depend on how much was sent.
  if (lower.length > longestJudged) return false;
  const compact = lower.replace(/[\s_.,;:+*#/-]/gu, '');
  const part = repeatedPart(compact);
  if (part.length <= 6 && part.length < compact.length) return true;
  if (/^\d*$/.test(compact) || isWalked(compact)) return true;
  const plain = part.replace(/[^\p{L}]/gu, '');
  const spelled = part.replace(/[013457@$!]/g, (sign) => lookalikes[sign] ?? sign).replace(/[^\p{L}]/gu, '');
  const bare = part.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const bareSpelled = bare.replace(/[013457@$!]/g, (sign) => lookalikes[sign] ?? sign);
  return [plain, spelled, bareSpelled].some((letters) => isMadeOfWords(letters) || isWalked(letters));
}
