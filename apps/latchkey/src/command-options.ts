import { readFileSync } from 'node:fs';
import { parseStrictJson } from '@latchkey/protocol';
import { Option } from 'commander';
import { z } from 'zod';
import { CommandProblem } from './exit-codes.ts';

/** A field of a body or query that an option sets. */
export interface Field {
  /** Its name in the contract. */
  readonly name: string;
  readonly kind: 'text' | 'number' | 'boolean' | 'list' | 'json';
  readonly choices: readonly string[];
  readonly isNullable: boolean;
  readonly isRequired: boolean;
  readonly description: string;
}

const jsonSchema = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  default: z.unknown().optional(),
  anyOf: z.array(z.looseObject({ type: z.string().optional() })).optional(),
  items: z.looseObject({ type: z.string().optional(), enum: z.array(z.unknown()).optional() }).optional(),
});
const objectSchema = z.looseObject({
  properties: z.record(z.string(), jsonSchema).optional(),
  required: z.array(z.string()).optional(),
});

type JsonSchema = z.infer<typeof jsonSchema>;

function textsOf(values: readonly unknown[] | undefined): readonly string[] {
  return values?.filter((value) => typeof value === 'string') ?? [];
}

function kindOf(schema: JsonSchema): Field['kind'] {
  if (schema.type === 'boolean') return 'boolean';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'string') return 'text';
  if (schema.type !== 'array') return schema.enum === undefined ? 'json' : 'text';
  return schema.items?.type === 'string' ? 'list' : 'json';
}

function fieldOf(name: string, schema: JsonSchema, isRequired: boolean): Field {
  const others = schema.anyOf?.filter(({ type }) => type !== 'null');
  const text = others?.find(({ type }) => type === 'string');
  const inner = others === undefined ? schema : jsonSchema.parse(text ?? others[0] ?? {});
  const kind = kindOf(inner);
  return {
    name,
    kind,
    choices: textsOf(kind === 'list' ? inner.items?.enum : inner.enum),
    isNullable: schema.anyOf?.some(({ type }) => type === 'null') ?? false,
    isRequired: isRequired && schema.default === undefined,
    description: schema.description ?? inner.description ?? '',
  };
}

/** The fields of a schema that options can set, in its order. */
export function fieldsOf(schema: z.ZodType | undefined): readonly Field[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = objectSchema.parse(
    z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
  );
  return Object.entries(properties).map(([name, each]) => fieldOf(name, each, required.includes(name)));
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Whether a field or path parameter names another object, which may be given by its name. */
export function referenceOf(name: string): 'user' | 'project' | 'application' | 'organization' | undefined {
  if (/^(ownerUser|user|actor)Id$/.test(name)) return 'user';
  if (name === 'projectId') return 'project';
  if (name === 'applicationId') return 'application';
  return name === 'organizationId' ? 'organization' : undefined;
}

const secretFields: readonly string[] = ['password', 'currentPassword', 'publicKey', 'token'];

function placeholderOf(field: Field): string {
  if (referenceOf(field.name) !== undefined) return 'id or name';
  if (secretFields.includes(field.name)) return '@file';
  if (field.kind === 'list') return 'a,b';
  return { text: 'text', number: 'number', boolean: 'true|false', json: 'json' }[field.kind];
}

function describe(field: Field): string {
  const { kind, choices, isNullable, isRequired, description } = field;
  const parts = [
    isRequired ? 'required' : '',
    kind === 'list' ? 'separated by commas, or given several times' : '',
    kind === 'list' && choices.length > 0 ? `of: ${choices.join(', ')}` : '',
    secretFields.includes(field.name) ? '@- reads standard input' : '',
    isNullable ? '`null` clears' : '',
  ].filter((part) => part !== '');
  const more = parts.length === 0 ? '' : `(${parts.join('; ')})`;
  return [description, more].filter((part) => part !== '').join(' ');
}

/** The option that sets a field. */
export function optionOf(field: Field): Option {
  const long = `--${kebab(field.name)}`;
  const short = referenceOf(field.name) === undefined ? '' : `${long.replace(/-id$/, '')}, `;
  const option = new Option(`${short}${long} <${placeholderOf(field)}>`, describe(field));
  if (field.kind === 'list')
    return option.argParser((text: string, before: readonly string[] | undefined) => [
      ...(before ?? []),
      text,
    ]);
  const choices = field.kind === 'boolean' ? ['true', 'false'] : field.choices;
  if (choices.length > 0) option.choices(field.isNullable ? [...choices, 'null'] : choices);
  return option;
}

function wrong(field: Field, should: string): CommandProblem {
  return new CommandProblem('usage', `--${kebab(field.name)} must be ${should}.`);
}

function jsonIn(field: Field, text: string): unknown {
  const json = parseStrictJson(readReference(text));
  if (json.kind === 'value') return json.value;
  throw wrong(field, `JSON, or @file with JSON in it: ${json.detail}`);
}

/** The text itself, or what the file holds that it names by `@file`; `@-` is standard input. */
export function readReference(text: string): string {
  if (!text.startsWith('@')) return text;
  const path = text.slice(1);
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (cause) {
    throw new CommandProblem('usage', `${path} cannot be read.`, { cause });
  }
}

function numberIn(field: Field, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw wrong(field, 'a number');
  return value;
}

function textIn(field: Field, text: string): unknown {
  if (!secretFields.includes(field.name)) return text;
  const value = readReference(text).replace(/\r?\n$/, '');
  return field.name === 'publicKey' && value.trimStart().startsWith('{') ? jsonIn(field, value) : value;
}

function listIn(field: Field, texts: readonly string[]): readonly unknown[] {
  return texts.flatMap((text): unknown[] => {
    if (!text.startsWith('[')) return text.split(',').filter((item) => item !== '');
    const parsed = jsonIn(field, text);
    return Array.isArray(parsed) ? parsed : [parsed];
  });
}

/** What an option was given, as the API wants it. Throws `CommandProblem` when it cannot be read. */
export function fieldValue(field: Field, given: unknown): unknown {
  if (field.isNullable && (given === 'null' || (Array.isArray(given) && given[0] === 'null'))) return null;
  if (field.kind === 'list') return listIn(field, z.array(z.string()).parse(given));
  const text = String(given);
  if (field.kind === 'json') return jsonIn(field, text);
  if (field.kind === 'number') return numberIn(field, text);
  return field.kind === 'boolean' ? text === 'true' : textIn(field, text);
}
