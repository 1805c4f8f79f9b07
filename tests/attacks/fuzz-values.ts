import type { Operation } from '@latchkey/contract';
import fc from 'fast-check';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Texts that parsers, databases and pages have stumbled over. */
export const badTexts: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'a\udc00',
  '\ufeff',
  '\u2028',
  '\u202e',
  '\u200b',
  '\r\nset-cookie: a=b',
  '\u001b[2J',
  '\ufdfa'.repeat(100),
  'a'.repeat(300),
  'a'.repeat(20_000),
  '𝒳😀é',
  "'; drop table users; --",
  '%',
  '_%\\',
  '\\',
  '{{1+1}}',
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'toString',
  'null',
  '-1',
  '0',
  '1e309',
  '٣',
  '9'.repeat(19),
  '9'.repeat(40),
  '9'.repeat(41),
  'https://[',
  'https://a\\b',
  'https://user:pw@a.example',
  'javascript:alert(1)',
  'ada@example.com.',
  '"a b"@example.com',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '+275760-09-13T00:00:00Z',
  '2026-02-30T00:00:00Z',
  'AAAA',
  '====',
  'lk_at_AAAA',
  '{"a":',
];

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

const badValues: readonly unknown[] = [
  nested(40),
  nested(100),
  { keys: [nested(40)] },
  null,
  true,
  false,
  -1,
  0,
  0.1,
  2 ** 31,
  2 ** 53,
  1e308,
  -1e308,
  [],
  {},
  [[]],
  [null],
  { __proto__: null, a: 1 },
  { constructor: { prototype: {} } },
  { toString: 1 },
];

/** A text, one in two of them bad. */
export const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...badTexts) },
  { weight: 2, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);

const bad = fc.oneof(anyText, fc.constantFrom(...badValues), fc.jsonValue({ maxDepth: 3 }));

function schemasOf(value: unknown): readonly JsonSchema[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object') : [];
}

const likely: Readonly<Record<string, string>> = {
  'date-time': '2030-01-01T00:00:00Z',
  uri: 'https://example.com/a',
  base64: 'MTIz',
};

function textLike(schema: JsonSchema): fc.Arbitrary<unknown> {
  const format = typeof schema.format === 'string' ? likely[schema.format] : undefined;
  const pattern = typeof schema.pattern === 'string' ? schema.pattern : undefined;
  if (format !== undefined) return fc.constant(format);
  if (pattern?.startsWith('^[0-9]') === true) return fc.constantFrom('1', '361204118824255491');
  if (pattern?.includes('@') === true) return fc.constant('ada@example.com');
  return fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'abcxyz0-é ') });
}

/** Values a schema would mostly take. */
function good(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if ('const' in schema) return fc.constant(schema.const);
  const choices = schemasOf(schema.anyOf ?? schema.oneOf);
  if (choices.length > 0) return fc.oneof(...choices.map(valueLike));
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array': {
      const items = typeof schema.items === 'object' && schema.items !== null ? schema.items : {};
      return fc.array(valueLike({ ...items }), { maxLength: 3 });
    }
    case 'integer':
    case 'number':
      return fc.integer({
        min: Number(schema.minimum ?? 0),
        max: Math.min(Number(schema.maximum ?? 100), 1e6),
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return textLike(schema);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  const properties = typeof schema.properties === 'object' ? { ...schema.properties } : {};
  const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : [];
  const members = Object.entries(properties).map(([name, each]): [string, fc.Arbitrary<unknown>] => [
    name,
    valueLike(typeof each === 'object' && each !== null ? { ...each } : {}),
  ]);
  const known = fc.record(Object.fromEntries(members), {
    requiredKeys: members.map(([name]) => name).filter((name) => required.includes(name)),
  });
  if (typeof schema.additionalProperties !== 'object') return known;
  return fc
    .tuple(known, fc.constantFrom(1, 20, 40, 100))
    .map(([value, depth]) => ({ ...value, more: nested(depth) }));
}

/** Values for a JSON schema: what it would take, and now and then something else. */
function valueLike(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 8, arbitrary: good(schema) }, { weight: 1, arbitrary: bad });
}

/** Bodies for a schema, as they are sent: near an example of it, from the schema alone, and now and then no JSON at all. */
export function bodyOf(schema: NonNullable<Operation['body']>, example: unknown): fc.Arbitrary<string> {
  const parsed = { ...schema.toJSONSchema({ io: 'input', unrepresentable: 'any', reused: 'inline' }) };
  const invented = good(parsed).map((value) => JSON.stringify(value) ?? '');
  const broken = fc.constantFrom(
    '{',
    '\ufeff{}',
    '{"name":null,"name":"b"}',
    '[]',
    'null',
    '"a"',
    '{"__proto__":{}}',
    `{"name":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    '{"name":1e999}',
  );
  return fc.oneof(
    { weight: 12, arbitrary: nearly(example, parsed) },
    { weight: 4, arbitrary: invented },
    { weight: 2, arbitrary: broken },
  );
}

/** A text for a URL: percent-encoded, now and then badly. */
export const anyEncoded = fc.oneof(
  { weight: 3, arbitrary: anyText.map((text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, ''))) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('%', '%zz', '%C0%AF', '%ED%A0%80', '%FF', '%00', '+', '&', '=', '%252e'),
  },
);

type Step = string | number;

/** The places of a JSON value: its members, their members, and so on. */
function placesIn(value: unknown, at: readonly Step[] = []): readonly (readonly Step[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  const entries: [Step, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [at, ...entries.flatMap(([step, each]) => placesIn(each, [...at, step]))];
}

type Exchange = (value: unknown) => unknown;

// Right but for its end, so that nothing else is what is refused.
const badEndings: readonly string[] = ['\ud800', '\udc00', '\0', '\u202e', '\n', 'a'.repeat(10_000)];
const withEnding =
  (ending: string): Exchange =>
  (value) =>
    typeof value === 'string' ? value + ending : value;

function replaceAt(value: unknown, [step, ...rest]: readonly Step[], by: Exchange): unknown {
  if (step === undefined) return by(value);
  if (Array.isArray(value))
    return value.map((each, index) => (index === step ? replaceAt(each, rest, by) : each));
  return Object.fromEntries(
    Object.entries({ ...Object(value) })
      .map(([name, each]) => [name, name === step ? replaceAt(each, rest, by) : each])
      .filter(([, each]) => each !== undefined),
  );
}

// Names that must be free, so that not every body after the first is refused for a name that is taken.
const freshNames: Readonly<Record<string, (text: string, salt: string) => string>> = {
  name: (text, salt) => `${text} ${salt}`,
  key: (text, salt) => `${text}-${salt}`,
  loginName: (text, salt) => `${salt}-${text}`,
  domain: (text, salt) => `${salt}.${text}`,
  origin: (text, salt) => text.replace('://', `://${salt}.`),
};

function withFreshNames(value: unknown, salt: string): unknown {
  if (Array.isArray(value)) return value.map((each) => withFreshNames(each, salt));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      typeof each === 'string' ? (freshNames[name]?.(each, salt) ?? each) : withFreshNames(each, salt),
    ]),
  );
}

const salts = fc.string({
  minLength: 6,
  maxLength: 6,
  unit: fc.constantFrom(...'abcdefghijkmnopqrstuvwxyz'),
});

/** The same object with its first member once more: what `JSON.parse` lets pass. */
function repeated(text: string): fc.Arbitrary<string> {
  const [, first] = /^\{("[^"\\]*":)/.exec(text) ?? [];
  return fc.constant(first === undefined ? text : `{${first}null,${text.slice(1)}`);
}

type Member = readonly [name: string, value: unknown];

function membersOf(schema: JsonSchema): readonly Member[] {
  return Object.entries({ ...Object(schema.properties) });
}

function someOf(members: readonly Member[]): fc.Arbitrary<Member> {
  return fc
    .constantFrom(...members)
    .chain(([name, each]) => valueLike({ ...Object(each) }).map((value): Member => [name, value]));
}

/** A member of an object that its schema would take. */
function memberOf(schema: JsonSchema): fc.Arbitrary<Member> {
  const members = membersOf(schema);
  return members.length === 0 ? fc.constant(['unknown', 1]) : someOf(members);
}

/** Bodies near an example that nobody describes to their end: the depth of these is bounded by the reader alone. */
export function openBodies(schema: NonNullable<Operation['body']>, example: unknown): readonly string[] {
  const described = schema.toJSONSchema({ io: 'input', unrepresentable: 'any', reused: 'inline' });
  const open = membersOf({ ...described }).filter(([, each]) =>
    JSON.stringify(each).includes('"additionalProperties":{}'),
  );
  if (open.length === 0) return [];
  const members = fc.sample(someOf(open), { numRuns: 50, seed: 1 });
  return members.map((member, index) =>
    JSON.stringify(withMember(withFreshNames(example, `open-${index}`), member)),
  );
}

function withMember(value: unknown, member: Member | null): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return member === null || !isObject ? value : { ...value, [member[0]]: member[1] };
}

/** A body that is right, with one more member and up to two places exchanged for something bad or left out. */
export function nearly(example: unknown, schema: JsonSchema = {}): fc.Arbitrary<string> {
  const change = fc.tuple(
    fc.nat(),
    fc.oneof(
      { weight: 5, arbitrary: bad.map((value) => () => value) },
      { weight: 5, arbitrary: fc.constantFrom(...badEndings).map((ending) => withEnding(ending)) },
      { weight: 1, arbitrary: fc.constant(() => undefined) },
    ),
  );
  // Now and then the same once more, which may be taken.
  const salt = fc.oneof(salts, fc.constant('again'));
  return fc
    .tuple(salt, fc.option(memberOf(schema), { freq: 2 }), fc.array(change, { maxLength: 2 }))
    .map(([chosen, member, changes]) => {
      const right = withMember(withFreshNames(example, chosen), member);
      const changed = changes.reduce<unknown>((value, [place, by]) => {
        const places = placesIn(value);
        return replaceAt(value, places[place % places.length] ?? [], by);
      }, right);
      return JSON.stringify(changed) ?? '';
    })
    .chain((text) => fc.oneof({ weight: 15, arbitrary: fc.constant(text) }, repeated(text)));
}

function isUnsoundValue(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return /\p{Surrogate}|\0/u.test(value);
  if (typeof value === 'number')
    return Number.isInteger(value) ? !Number.isSafeInteger(value) : !Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  const names = Object.keys(value).filter(() => !Array.isArray(value));
  return (
    names.some(
      (name) => ['__proto__', 'constructor', 'prototype'].includes(name) || isUnsoundValue(name, depth),
    ) || Object.values(value).some((each) => isUnsoundValue(each, depth - 1))
  );
}

/** Whether a text is no JSON, or JSON that RFC 7493 or a bound of ours rules out. */
export function isUnsoundJson(text: string): boolean {
  const [, first] = /^\{("[^"\\]*":)null,/.exec(text) ?? [];
  // The one way in which members are repeated here.
  if (first !== undefined && text.slice(first.length + 6).startsWith(first)) return true;
  try {
    return isUnsoundValue(JSON.parse(text), 32);
  } catch {
    return true;
  }
}

/** Whether percent-encoding in a text is broken, no UTF-8, or of NUL (RFC 3629 §3, RFC 3986 §2.1). */
export function isUnsoundEncoding(text: string): boolean {
  try {
    return decodeURIComponent(text).includes('\0');
  } catch {
    return true;
  }
}
