import {
  type ContrastVerdict,
  type InstanceSettingsBody,
  judgeAccent,
  judgeBackground,
  neededContrast,
  type OverridableSettings,
} from '@latchkey/contract';
import { supportedLocales } from '@latchkey/login-ui';
import { parseAddress } from '@latchkey/protocol';
import { ApiError } from '../platform/errors.ts';
import { findActiveContent } from './active-drawing.ts';

/** A setting that cannot stand, and what would. */
export interface SettingsFinding {
  readonly code: 'unsafe-setting' | 'invalid-input';
  /** JSON pointer into the body. */
  readonly pointer: string;
  readonly detail: string;
}

type Groups = Partial<Pick<InstanceSettingsBody, 'lifetimes'> & OverridableSettings>;

function notLonger(
  group: string,
  short: readonly [name: string, value: number],
  long: readonly [name: string, value: number],
): SettingsFinding | undefined {
  if (short[1] <= long[1]) return undefined;
  return {
    code: 'unsafe-setting',
    pointer: `/${group}/${short[0]}`,
    detail: `${group}.${short[0]} (${short[1]}) must not be more than ${group}.${long[0]} (${long[1]}); ${long[1]} or less would be accepted.`,
  };
}

function ofContrast(
  name: string,
  color: string | null,
  judge: (color: string) => ContrastVerdict,
): SettingsFinding | undefined {
  if (color === null) return undefined;
  const { isEnough, ratio, against, nearest } = judge(color);
  if (isEnough) return undefined;
  return {
    code: 'unsafe-setting',
    pointer: `/branding/${name}`,
    detail: `branding.${name} ${color} has a contrast of ${ratio}:1 against ${against}, where text needs ${neededContrast}:1; ${nearest} is the nearest colour that would be accepted.`,
  };
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

function ofLogo(name: string, logo: string | null): SettingsFinding | undefined {
  if (logo === null || !logo.startsWith('data:')) return ofAddress(`/branding/${name}`, logo);
  const comma = logo.indexOf(',');
  const bytes = Buffer.from(logo.slice(comma + 1), 'base64');
  const isPicture = logo.startsWith('data:image/png')
    ? bytes.subarray(0, 4).equals(pngSignature)
    : bytes.subarray(0, 4096).includes('<svg');
  const active = isPicture && !logo.startsWith('data:image/png') ? findActiveContent(bytes) : undefined;
  if (isPicture && active === undefined) return undefined;
  return {
    code: 'invalid-input',
    pointer: `/branding/${name}`,
    detail:
      active === undefined
        ? 'is not the picture its data: address says it is; encode an SVG or PNG file in base64'
        : `holds ${active}; remove it, a logo may hold shapes, text and styles only`,
  };
}

function ofBranding(branding: OverridableSettings['branding']): readonly (SettingsFinding | undefined)[] {
  return [
    ofContrast('accentColorLight', branding.accentColorLight, (color) => judgeAccent(color, 'light')),
    ofContrast('accentColorDark', branding.accentColorDark, (color) => judgeAccent(color, 'dark')),
    ofContrast('backgroundColorLight', branding.backgroundColorLight, (color) =>
      judgeBackground(color, 'light'),
    ),
    ofContrast('backgroundColorDark', branding.backgroundColorDark, (color) =>
      judgeBackground(color, 'dark'),
    ),
    ofLogo('logoUrlLight', branding.logoUrlLight),
    ofLogo('logoUrlDark', branding.logoUrlDark),
  ];
}

const loginAddresses = ['defaultRedirectUri', 'helpUrl', 'termsUrl', 'privacyUrl'] as const;

function ofAddress(pointer: string, address: string | null): SettingsFinding | undefined {
  if (address === null) return undefined;
  const read = parseAddress(address, 'web');
  return read.kind === 'refused' ? { code: 'invalid-input', pointer, detail: read.detail } : undefined;
}

function ofLanguages(languages: readonly string[] | null): readonly SettingsFinding[] {
  return (languages ?? []).flatMap((language, index) =>
    supportedLocales.includes(language)
      ? []
      : [
          {
            code: 'invalid-input' as const,
            pointer: `/login/allowedLanguages/${index}`,
            detail: `is not one of the languages of the sign-in pages: ${supportedLocales.join(', ')}`,
          },
        ],
  );
}

/** Everything about settings that goes against itself or against people's safety. `groups` are those that change, as they will be. */
export function settingsFindings(groups: Groups): readonly SettingsFinding[] {
  const { lifetimes, lockout, login, branding } = groups;
  const findings: readonly (SettingsFinding | undefined)[] = [
    ...(lifetimes === undefined
      ? []
      : [
          notLonger(
            'lifetimes',
            ['refreshIdleSeconds', lifetimes.refreshIdleSeconds],
            ['refreshAbsoluteSeconds', lifetimes.refreshAbsoluteSeconds],
          ),
          notLonger(
            'lifetimes',
            ['sessionIdleSeconds', lifetimes.sessionIdleSeconds],
            ['sessionAbsoluteSeconds', lifetimes.sessionAbsoluteSeconds],
          ),
        ]),
    ...(lockout === undefined
      ? []
      : [
          notLonger(
            'lockout',
            ['freeAttempts', lockout.freeAttempts],
            ['softLockAttempts', lockout.softLockAttempts],
          ),
          notLonger(
            'lockout',
            ['longestDelaySeconds', lockout.longestDelaySeconds],
            ['softLockSeconds', lockout.softLockSeconds],
          ),
        ]),
    ...(branding === undefined ? [] : ofBranding(branding)),
    ...(login === undefined
      ? []
      : [
          ...ofLanguages(login.allowedLanguages),
          ...loginAddresses.map((name) => ofAddress(`/login/${name}`, login[name])),
        ]),
  ];
  return findings.filter((finding) => finding !== undefined);
}

/** Throws what was found, all of it: `invalid-input` where the shape is at fault, else `unsafe-setting`. */
export function refuseFindings(findings: readonly SettingsFinding[]): void {
  const [first] = findings;
  if (first === undefined) return;
  const code = findings.some((finding) => finding.code === 'invalid-input')
    ? 'invalid-input'
    : 'unsafe-setting';
  const detail =
    code === 'invalid-input'
      ? findings.map((finding) => `${finding.pointer}: ${finding.detail}`).join('; ')
      : findings.map((finding) => finding.detail).join(' ');
  throw new ApiError(code, detail, {
    errors: findings.map(({ pointer, detail }) => ({ pointer, detail })),
  });
}
