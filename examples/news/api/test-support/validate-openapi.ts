import { Validator } from '@seriousme/openapi-schema-validator';

/** `valid`, or what is wrong with an OpenAPI document. */
export async function validate(document: unknown): Promise<unknown> {
  const { valid, errors } = await new Validator().validate(Object(document));
  return valid ? 'valid' : errors;
}
