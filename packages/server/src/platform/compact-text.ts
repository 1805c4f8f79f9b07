import { deflateRawSync, inflateRawSync } from 'node:zlib';

// First bytes that no payload of ours begins with: sealed JSON begins with `[` or `{`.
const plainMark = 0;
const deflatedMark = 1;

/**
 * What sealed payloads are made of, most frequent last. It is part of the format: texts are read with the dictionary they
 * were written with, so a change needs a mark of its own.
 */
const dictionary = Buffer.from(
  'urn:ietf:params:oauth:urn:zitadel:iam:org:projects:rolesurn:zitadel:iam:user:resourceownerurn:zitadel:iam:org:id:' +
    '"acrValues":["sessionIds":["returnTo":"userCode":"continueTo":{"kind":"dpopJkt":"claims":{"idToken":[],"userinfo":[' +
    '"pushed":{"id":"keepUntilMs":1"expiresAtMs":1,"isSigned":false,"params":[["client_id","code_challenge_method","S256"' +
    '"response_mode","form_post","fragment","loginHint":"uiLocales":"maxAgeSeconds":"wish":"choose-account""hintedUserId":"' +
    'urn:zitadel:iam:org:project:role:urn:zitadel:iam:org:project:id:zitadel:aud' +
    '{"request":{"clientId":"","redirectUri":"http://localhost:/callback","responseMode":"query","state":"",' +
    '"responseType":"code","scopes":["openid","profile","email","offline_access","urn:latchkey:project:roles"],' +
    '"prompts":[],"resources":[],"acrValues":[],"demandedAcrValues":[],"nonce":"","codeChallenge":""},"browser":"",' +
    '"begunAtMs":1,"loginName":"","locale":"en",[2,{"codeId":"","expiresAtMs":1,"clientId":"","redirectUri":"https://' +
    '","scopes":["openid","profile"],"nonce":"","codeChallenge":"","sessionId":"","userId":"","grantId":"',
);

// A sealed text is of our own making, so this is defence in depth.
const maximumRestored = 262_144;

/** A text as bytes to be sealed, as they are. */
export function plainBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const [first] = bytes;
  return first === plainMark || first === deflatedMark ? Buffer.concat([Buffer.of(plainMark), bytes]) : bytes;
}

/**
 * A text as bytes to be sealed, deflated where that is shorter. The length of the result tells something about the text: not
 * for a secret beside what a stranger chose.
 */
export function compactBytes(text: string): Buffer {
  const plain = plainBytes(text);
  const deflated = deflateRawSync(text, { dictionary, level: 6, memLevel: 6 });
  return deflated.length + 1 < plain.length ? Buffer.concat([Buffer.of(deflatedMark), deflated]) : plain;
}

/** The text of bytes that `plainBytes` or `compactBytes` made, of an earlier version too. */
export function textOf(bytes: Buffer): string {
  const [first] = bytes;
  if (first === deflatedMark)
    return inflateRawSync(bytes.subarray(1), { dictionary, maxOutputLength: maximumRestored }).toString(
      'utf8',
    );
  return (first === plainMark ? bytes.subarray(1) : bytes).toString('utf8');
}
