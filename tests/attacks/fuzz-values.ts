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

const badValues: readonly unknown[] = [
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
  return fc.record(Object.fromEntries(members), {
    requiredKeys: members.map(([name]) => name).filter((name) => required.includes(name)),
  });
}

/** Values for a JSON schema: what it would take, and now and then something else. */
function valueLike(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 8, arbitrary: good(schema) }, { weight: 1, arbitrary: bad });
}

/** Bodies for a schema, as they are sent: JSON, and now and then something that is none. */
export function bodyOf(schema: NonNullable<Operation['body']>): fc.Arbitrary<string> {
  const parsed = schema.toJSONSchema({ io: 'input', unrepresentable: 'any', reused: 'inline' });
  const written = good({ ...parsed }).map((value) => JSON.stringify(value) ?? '');
  const broken = fc.constantFrom(
    '{',
    '\ufeff{}',
    '{"name":"a","name":"b"}',
    '[]',
    'null',
    '"a"',
    '{"__proto__":{}}',
    `{"name":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    '{"name":1e999}',
  );
  return fc.oneof({ weight: 12, arbitrary: written }, { weight: 1, arbitrary: broken });
}

/** A text for a URL: percent-encoded, now and then badly. */
export const anyEncoded = fc.oneof(
  { weight: 3, arbitrary: anyText.map((text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, ''))) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('%', '%zz', '%C0%AF', '%ED%A0%80', '%FF', '%00', '+', '&', '=', '%252e'),
  },
);
