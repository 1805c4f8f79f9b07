import type { ConfigurationDocument } from '@latchkey/contract';
import type { FieldChange } from './difference.ts';
import { attempt, note, type Run } from './run.ts';

type Metadata = NonNullable<ConfigurationDocument['metadata']>;
interface Entry {
  readonly key: string;
  /** Base64. */
  readonly value: string;
}

/** Whose metadata it is. */
export interface MetadataOwner {
  readonly kind: 'organization' | 'user';
  readonly id: string;
  readonly path: string;
}

/** The metadata of an organization or a user as the API holds it. */
export async function presentMetadata(
  { invoker }: Pick<Run, 'invoker'>,
  { kind, id }: Pick<MetadataOwner, 'kind' | 'id'>,
): Promise<readonly Entry[]> {
  return kind === 'organization'
    ? (await invoker.call('listOrganizationMetadata', { path: { organizationId: id } })).items
    : await invoker.all('listUserMetadata', { path: { userId: id } });
}

function textOf(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}

/** Metadata as a file holds it: texts as they are, other bytes as base64. */
export function metadataForFile(entries: readonly Entry[]): Metadata {
  return Object.fromEntries(
    [...entries]
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ key, value }) => [key, textOf(value) ?? { base64: value }]),
  );
}

function base64Of(wanted: Metadata[string]): string {
  return typeof wanted === 'string' ? Buffer.from(wanted).toString('base64') : wanted.base64;
}

async function set(run: Run, { kind, id }: MetadataOwner, key: string, value: string): Promise<void> {
  const body = { value };
  if (kind === 'organization')
    await run.invoker.call('setOrganizationMetadata', { path: { organizationId: id, key }, body });
  else await run.invoker.call('setUserMetadata', { path: { userId: id, key }, body });
}

/** Sets the values a file names; others stay as they are. */
export async function applyMetadata(
  run: Run,
  pointer: string,
  owner: MetadataOwner,
  wanted: Metadata | undefined,
): Promise<void> {
  if (wanted === undefined) return;
  const present = metadataForFile(await presentMetadata(run, owner));
  const changes: FieldChange[] = [];
  for (const [key, each] of Object.entries(wanted)) {
    const value = base64Of(each);
    const before = present[key];
    if (before !== undefined && base64Of(before) === value) continue;
    await attempt(run, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, async () => {
      await set(run, owner, key, value);
      changes.push({ field: `metadata.${key}`, from: before ?? null, to: each });
    });
  }
  if (changes.length > 0) note(run, 'change', owner.kind, owner.path, changes);
}
