import { setMembership } from '@latchkey/store';
import { changeAsOperator, seedMachine, seedPersonalAccessToken, type TestServer } from '@latchkey/testkit';

/** A personal access token of a new machine that manages the instance or an organization by one role. */
export async function managerToken(
  server: TestServer,
  role: string,
  object: { readonly kind: 'instance' | 'organization'; readonly id: string },
): Promise<string> {
  const machine = await seedMachine(server);
  const membership = { objectKind: object.kind, objectId: object.id, userId: machine.id };
  await changeAsOperator(server, (change) => setMembership(change, membership, [role]));
  return (await seedPersonalAccessToken(server, machine.id)).token;
}
