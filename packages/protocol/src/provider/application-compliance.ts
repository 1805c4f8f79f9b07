import { grantTypes } from '../wire/names.ts';
import { judgeRedirectUri } from '../wire/redirect-uri.ts';
import type { ApplicationSetting, ApplicationSettings } from './application-settings.ts';
import { needsSecret } from './client-registration.ts';
import { needsPkce } from './pkce.ts';
import { isLoopback } from './registration-uris.ts';
import { isUnboundResponse } from './token-binding.ts';

/** Something about an application that works but is not safe, or could be safer. */
export interface ComplianceProblem {
  /** Permanent. */
  readonly code:
    | 'development-mode'
    | 'redirect-uri-http'
    | 'redirect-uri-unencrypted'
    | 'redirect-uri-custom-scheme'
    | 'redirect-uris-missing'
    | 'logout-uri-http'
    | 'implicit-flow'
    | 'implicit-redirect-http'
    | 'secret-in-public-client'
    | 'key-in-browser'
    | 'web-without-authentication'
    | 'refresh-without-sign-in'
    | 'unbound-tokens'
    | 'pkce-not-required'
    | 'address-not-https'
    | 'address-not-public'
    | 'address-not-callable';
  /** A `warning` is unsafe or will not work; a `hint` could be safer. */
  readonly level: 'warning' | 'hint';
  readonly setting: ApplicationSetting;
  /** What is unsafe, or will not work. */
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
}

/** Why a server refuses to call an address, in words that follow the address: "is not https". */
export interface OutboundProblem {
  readonly kind: 'not-https' | 'not-public' | 'not-callable';
  readonly detail: string;
}

/** Why the server will refuse to call an address, as far as the address itself tells; `undefined` when it may be called. */
export type FindOutboundProblem = (address: string) => OutboundProblem | undefined;

/** A problem before it has its level. */
type Finding = Omit<ComplianceProblem, 'level'>;

/** What is unsafe about the settings of an application. Hints do not make it less compliant. */
export interface Compliance {
  readonly isCompliant: boolean;
  readonly problems: readonly ComplianceProblem[];
}

function usesRedirects({ grantTypes: grants }: ApplicationSettings): boolean {
  return grants.includes(grantTypes.authorizationCode) || grants.includes(grantTypes.implicit);
}

/** An http address that is allowed all the same: of an application with a secret, as the dialect has it. */
function unencryptedProblem(uri: string, settings: ApplicationSettings): Finding | undefined {
  // Nothing leaves the machine to a loopback address; tokens in the address have a problem of their own.
  if (isLoopback(uri) || settings.grantTypes.includes(grantTypes.implicit)) return undefined;
  return {
    code: 'redirect-uri-unencrypted',
    setting: 'redirectUris',
    message: `${uri} is reached without encryption: anyone on the network path can read and redeem the code.`,
    fix: 'Use https.',
  };
}

function redirectProblem(uri: string, settings: ApplicationSettings): Finding | undefined {
  const verdict = judgeRedirectUri(uri, {
    registered: [uri],
    applicationType: settings.type,
    authMethod: settings.authMethod,
    // Development mode is told of by itself.
    developmentMode: false,
  });
  if (settings.developmentMode) return undefined;
  const isHttp = uri.startsWith('http:');
  if (verdict.kind === 'allowed') return isHttp ? unencryptedProblem(uri, settings) : undefined;
  if (verdict.kind !== 'insecure') return undefined;
  return isHttp
    ? {
        code: 'redirect-uri-http',
        setting: 'redirectUris',
        message: `${uri} is reached without encryption: whoever is on the way can read the code. Sign-ins that return there are refused.`,
        fix: 'Use https, or turn development mode on while you develop.',
      }
    : {
        code: 'redirect-uri-custom-scheme',
        setting: 'redirectUris',
        message: `${uri} has a scheme of its own, which any other app on a device may claim. Sign-ins that return there are refused.`,
        fix: 'Use https, or choose the type native if it is an app on a device.',
      };
}

function checkRedirects(settings: ApplicationSettings): readonly (Finding | undefined)[] {
  const { redirectUris, postLogoutRedirectUris, developmentMode } = settings;
  const openLogout = postLogoutRedirectUris.find(
    (uri) => uri.startsWith('http:') && !(URL.canParse(uri) && isLoopback(uri)),
  );
  const openImplicit = redirectUris.find((uri) => uri.startsWith('http:'));
  return [
    developmentMode
      ? {
          code: 'development-mode',
          setting: 'developmentMode',
          message:
            'Development mode lets people return over plain http and to addresses that only fit a pattern.',
          fix: 'Turn development mode off before real people use it, and register https addresses.',
        }
      : undefined,
    usesRedirects(settings) && redirectUris.length === 0
      ? {
          code: 'redirect-uris-missing',
          setting: 'redirectUris',
          message: 'Nobody can sign in: there is no address to return to.',
          fix: 'Add the address your application receives sign-ins at, such as https://app.example.com/callback.',
        }
      : undefined,
    ...redirectUris.map((uri) => redirectProblem(uri, settings)),
    settings.grantTypes.includes(grantTypes.implicit) && openImplicit !== undefined
      ? {
          code: 'implicit-redirect-http',
          setting: 'redirectUris',
          message: `${openImplicit} would receive tokens without encryption.`,
          fix: 'Use https for every redirect URI of an application with the implicit grant.',
        }
      : undefined,
    openLogout !== undefined && !developmentMode
      ? {
          code: 'logout-uri-http',
          setting: 'postLogoutRedirectUris',
          message: `People who sign out are sent to ${openLogout} without encryption.`,
          fix: 'Use https.',
        }
      : undefined,
  ];
}

function checkMethod(settings: ApplicationSettings): readonly (Finding | undefined)[] {
  const { type, authMethod } = settings;
  return [
    type === 'native' && needsSecret(authMethod)
      ? {
          code: 'secret-in-public-client',
          setting: 'authMethod',
          message:
            'A secret inside an app that people install is no secret: everybody who has the app has it.',
          fix: 'Set the authentication method to none; PKCE protects the sign-in.',
        }
      : undefined,
    type === 'user_agent' && authMethod !== 'none' && !needsSecret(authMethod)
      ? {
          code: 'key-in-browser',
          setting: 'authMethod',
          message: 'Keys that prove who the application is cannot be kept in a browser.',
          fix: 'Set the authentication method to none, or use the type web for what runs on a server.',
        }
      : undefined,
    type === 'web' && authMethod === 'none'
      ? {
          code: 'web-without-authentication',
          setting: 'authMethod',
          message: 'An application on a server can keep a secret, but this one does not prove who it is.',
          fix: 'Choose client_secret_basic, or private_key_jwt for a key in place of a secret.',
        }
      : undefined,
  ];
}

const refreshable: readonly string[] = [grantTypes.authorizationCode, grantTypes.deviceCode, grantTypes.ciba];

function checkGrants(settings: ApplicationSettings): readonly (Finding | undefined)[] {
  const { grantTypes: grants } = settings;
  return [
    grants.includes(grantTypes.implicit)
      ? {
          code: 'implicit-flow',
          setting: 'grantTypes',
          message:
            'The implicit grant puts tokens into the address, where histories and other scripts find them.',
          fix: 'Use authorization_code with PKCE and take implicit out.',
        }
      : undefined,
    grants.includes(grantTypes.refreshToken) && !grants.some((grant) => refreshable.includes(grant))
      ? {
          code: 'refresh-without-sign-in',
          setting: 'grantTypes',
          message: 'There is nothing to refresh: no grant of the application gives refresh tokens.',
          fix: 'Add authorization_code or the device code grant, or take refresh_token out.',
        }
      : undefined,
    settings.responseTypes.some((type) => isUnboundResponse(settings, type))
      ? {
          code: 'unbound-tokens',
          setting: 'responseTypes',
          message:
            'Access tokens must be bound to a key, but a token in the authorization response is bound to none. Such requests are refused.',
          fix: 'Use the response type code alone.',
        }
      : undefined,
  ];
}

function checkPkce(settings: ApplicationSettings): Finding | undefined {
  const isCodeIssued = settings.responseTypes.some((type) => type.split(' ').includes('code'));
  return isCodeIssued && !needsPkce(settings)
    ? {
        code: 'pkce-not-required',
        setting: 'isPkceRequired',
        message:
          'Authorization codes of this application can be redeemed without PKCE, so a code that is injected into another browser is not noticed.',
        fix: 'Turn isPkceRequired on once the application sends a code_challenge.',
      }
    : undefined;
}

/** The settings whose addresses the server itself calls. */
const calledSettings = [
  'jwksUri',
  'requestUris',
  'backchannelLogoutUri',
  'cibaNotificationEndpoint',
] as const satisfies readonly ApplicationSetting[];

const callPurposes = {
  jwksUri: 'the keys of the application cannot be fetched',
  requestUris: 'request objects cannot be fetched',
  backchannelLogoutUri: 'the application will not hear of sign-outs',
  cibaNotificationEndpoint: 'the application will not hear that a request was answered',
} as const satisfies Record<(typeof calledSettings)[number], string>;

const addressFixes = {
  'not-https':
    'Use https, or ask the operator of the server to allow the address in LATCHKEY_OUTBOUND_ALLOW.',
  'not-public':
    'Use a public address, or ask the operator of the server to allow this one in LATCHKEY_OUTBOUND_ALLOW.',
  'not-callable': 'Use an absolute https URL of at most 2048 characters.',
} as const satisfies Record<OutboundProblem['kind'], string>;

/** An address of the application that the server refuses to call, whatever answers there. */
export interface UncallableAddress extends OutboundProblem {
  readonly setting: (typeof calledSettings)[number];
  readonly address: string;
}

/**
 * Finds the addresses of an application that the server is asked to call and will refuse to, in the order of the settings.
 * @see OpenID Connect Back-Channel Logout 1.0 §2.2, OpenID CIBA Core §4, RFC 7591 §2 `jwks_uri`, OpenID Connect Core §6.2
 */
export function findUncallableAddresses(
  settings: Pick<ApplicationSettings, (typeof calledSettings)[number]>,
  findProblem: FindOutboundProblem,
): readonly UncallableAddress[] {
  return calledSettings.flatMap((setting) =>
    [settings[setting] ?? []].flat().flatMap((address) => {
      const problem = findProblem(address);
      return problem === undefined ? [] : [{ setting, address, ...problem }];
    }),
  );
}

function checkCalledAddresses(
  settings: ApplicationSettings,
  findProblem: FindOutboundProblem,
): readonly Finding[] {
  return findUncallableAddresses(settings, findProblem).map(({ setting, address, kind, detail }) => ({
    code: `address-${kind}`,
    setting,
    message: `The server will not call ${address}, which ${detail}: ${callPurposes[setting]}.`,
    fix: addressFixes[kind],
  }));
}

/** What could be safer, but is not unsafe: no application is less compliant for it. */
const hints: readonly ComplianceProblem['code'][] = ['pkce-not-required'];

/**
 * Says what about an application's settings works but is not safe, or will not work as they stand, and how to fix it.
 * `findOutboundProblem` tells which addresses this server refuses to call.
 * @see ZITADEL dialect, compliance problems; RFC 9700 §2.1, §4.1; RFC 9449 §5; RFC 8252 §7, §8.5; RFC 6749 §2.1
 */
export function checkCompliance(
  settings: ApplicationSettings,
  findOutboundProblem: FindOutboundProblem,
): Compliance {
  const found = [
    ...checkRedirects(settings),
    ...checkMethod(settings),
    ...checkGrants(settings),
    ...checkCalledAddresses(settings, findOutboundProblem),
    checkPkce(settings),
  ];
  const problems = found.flatMap((finding): readonly ComplianceProblem[] =>
    finding === undefined ? [] : [{ level: hints.includes(finding.code) ? 'hint' : 'warning', ...finding }],
  );
  return { isCompliant: problems.every(({ level }) => level === 'hint'), problems };
}
