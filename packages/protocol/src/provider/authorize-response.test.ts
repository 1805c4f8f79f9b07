import { expect, test } from 'vitest';
import { verifiedRedirect } from '../brands.ts';
import type { OAuthErrorCode, ResponseMode } from '../wire/names.ts';
import { buildAuthorizeResponse, errorFields, successFields } from './authorize-response.ts';

const issuer = 'https://id.example';
type Target = Parameters<typeof buildAuthorizeResponse>[0] & Parameters<typeof successFields>[0];
const buildCodeResponse = (to: Target, from: string, code: string) =>
  buildAuthorizeResponse(to, successFields(to, from, { code }));
const buildErrorResponse = (to: Target, from: string, error: OAuthErrorCode, description: string) =>
  buildAuthorizeResponse(to, errorFields(to, from, error, description));
const target = (uri: string, responseMode: ResponseMode = 'query', state?: string) => ({
  redirectUri: verifiedRedirect(uri),
  responseMode,
  ...(state === undefined ? {} : { state }),
});

test.each([
  ['https://app.example/cb', 'https://app.example/cb?'],
  ['https://app.example/cb?tenant=1', 'https://app.example/cb?tenant=1&'],
  ['com.example.app:/cb', 'com.example.app:/cb?'],
])('RFC 6749 §4.1.2: code, state and iss are added to the query (%s)', (uri, start) => {
  expect(buildCodeResponse(target(uri, 'query', 'a b&c=d#é'), issuer, 'c/+=')).toEqual({
    kind: 'redirect',
    location: `${start}code=c%2F%2B%3D&state=a+b%26c%3Dd%23%C3%A9&iss=https%3A%2F%2Fid.example`,
  });
});

test('RFC 6749 §4.1.2: state is absent when the request had none', () => {
  const response = buildCodeResponse(target('https://app.example/cb'), issuer, 'c');
  expect(response).toEqual({
    kind: 'redirect',
    location: 'https://app.example/cb?code=c&iss=https%3A%2F%2Fid.example',
  });
});

test('OAuth 2.0 Multiple Response Types §2.1: fragment answers travel behind the hash', () => {
  expect(buildCodeResponse(target('https://app.example/cb?x=1', 'fragment', 's'), issuer, 'c')).toEqual({
    kind: 'redirect',
    location: 'https://app.example/cb?x=1#code=c&state=s&iss=https%3A%2F%2Fid.example',
  });
});

test('OAuth 2.0 Form Post Response Mode §2: form_post answers are fields, as they are', () => {
  expect(buildCodeResponse(target('https://app.example/cb', 'form_post', '"><x>'), issuer, 'c')).toEqual({
    kind: 'form-post',
    action: 'https://app.example/cb',
    fields: { code: 'c', state: '"><x>', iss: issuer },
  });
});

test('RFC 9207 §2: iss is in every authorization response, errors too', () => {
  for (const mode of ['query', 'fragment', 'form_post'] as const) {
    const to = target('https://app.example/cb', mode, 's');
    for (const response of [
      buildCodeResponse(to, issuer, 'c'),
      buildErrorResponse(to, issuer, 'login_required', 'nobody'),
    ]) {
      const fields =
        response.kind === 'form-post'
          ? response.fields
          : Object.fromEntries(new URLSearchParams(response.location.split(/[?#]/)[1]));
      expect(fields).toMatchObject({ iss: issuer, state: 's' });
    }
  }
});

test('RFC 6749 §4.1.2.1: an error names its code and a printable description', () => {
  const response = buildErrorResponse(
    target('https://app.example/cb', 'form_post'),
    issuer,
    'invalid_request',
    'bad "x"\r\nLocation: é',
  );
  expect(response).toEqual({
    kind: 'form-post',
    action: 'https://app.example/cb',
    fields: { error: 'invalid_request', error_description: 'bad ?x???Location: ?', iss: issuer },
  });
});
