import { apiApplication, oidcApplication, type Surroundings, saying } from './zitadel-applications.ts';
import {
  type Additions,
  type ExportedOrganization,
  type LeftOut,
  leaveOtherParts,
} from './zitadel-export.ts';
import { type LoginNames, loginNamesOf, machinesOf, managersOf, peopleOf } from './zitadel-people.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A configuration file that says what an export holds, in parts that may be applied one after the other. */
export interface Converted {
  /** Organizations with projects, roles, applications, machines and grants. */
  readonly structure: Fields;
  /** People, by the name of their organization. */
  readonly people: readonly { readonly organization: string; readonly users: readonly Fields[] }[];
  /** Who holds which roles, by organization and project; needs the people. */
  readonly authorizations: readonly {
    readonly organization: string;
    readonly project: string;
    readonly authorizations: readonly Fields[];
  }[];
  /** Managers, who are people too. */
  readonly managers: Fields;
  readonly leftOut: readonly LeftOut[];
  readonly counts: Readonly<Record<string, number>>;
}

// What ZITADEL itself runs on; here Latchkey has its own.
function isSystemProject(exported: ExportedOrganization, projectId: string): boolean {
  const project = exported.projects.find((each) => each.projectId === projectId);
  if (project?.project.name !== 'ZITADEL') return false;
  const ownApps: readonly string[] = ['Console', 'Management-API', 'Admin-API', 'Auth-API'];
  const apps = [...exported.oidcApps, ...exported.apiApps].filter(({ app }) => app.projectId === projectId);
  return apps.every(({ app }) => ownApps.includes(app.name));
}

function nameOf(exported: ExportedOrganization): string {
  return exported.org?.name ?? exported.orgId;
}

interface Frame {
  readonly all: readonly ExportedOrganization[];
  readonly names: LoginNames;
  readonly around: Surroundings;
}

function grantsOf(
  exported: ExportedOrganization,
  projectId: string,
  where: string,
  frame: Frame,
): readonly Fields[] {
  return exported.projectGrants
    .filter(({ projectGrant }) => projectGrant.projectId === projectId)
    .flatMap(({ grantId, projectGrant: { grantedOrgId, roleKeys = [] } }) => {
      const granted = frame.all.find(({ orgId }) => orgId === grantedOrgId);
      if (granted !== undefined) return [{ id: grantId, organization: nameOf(granted), roles: roleKeys }];
      frame.around.leave(where, `grant ${grantId}: the export does not hold organization ${grantedOrgId}.`);
      return [];
    });
}

function projectOf(
  exported: ExportedOrganization,
  { projectId, project }: ExportedOrganization['projects'][number],
  frame: Frame,
): Fields {
  const where = `${nameOf(exported)} / ${project.name}`;
  const { around } = frame;
  const roles = exported.projectRoles
    .filter((role) => role.projectId === projectId)
    .map(({ roleKey, displayName, group }) => ({ key: roleKey, ...saying({ displayName, group }) }));
  const isHere = ({ app }: { readonly app: { readonly projectId: string } }) => app.projectId === projectId;
  const applications = [
    ...exported.oidcApps
      .filter(isHere)
      .map((one) => oidcApplication(exported, one, `${where} / ${one.app.name}`, around)),
    ...exported.apiApps
      .filter(isHere)
      .map((one) => apiApplication(exported, one, `${where} / ${one.app.name}`, around)),
  ];
  return {
    id: projectId,
    name: project.name,
    ...saying({
      roleAssertion: project.projectRoleAssertion,
      roleCheck: project.projectRoleCheck,
      hasProjectCheck: project.hasProjectCheck,
      roles,
      applications,
      grants: grantsOf(exported, projectId, where, frame),
    }),
  };
}

function organizationOf(exported: ExportedOrganization, frame: Frame): Fields {
  const { around, names } = frame;
  const name = nameOf(exported);
  leaveOtherParts(name, exported, around.leave);
  const primary = exported.domains.find(({ isPrimary }) => isPrimary === true)?.domainName;
  for (const { domainName, isVerified } of exported.domains)
    if (isVerified === true && domainName !== primary)
      around.leave(name, `domain ${domainName}: add it and prove it again.`);
  const projects = exported.projects.filter(({ projectId }) => {
    const isSystem = isSystemProject(exported, projectId);
    if (isSystem) around.leave(name, 'project ZITADEL: it belongs to ZITADEL itself.');
    return !isSystem;
  });
  return {
    id: exported.orgId,
    name,
    ...saying({ primaryDomain: primary, users: machinesOf(exported, name, names, around) }),
    ...saying({ projects: projects.map((project) => projectOf(exported, project, frame)) }),
  };
}

function authorizationsOf({ all, names, around }: Frame): Converted['authorizations'] {
  const grants = all.flatMap((exported) => exported.userGrants);
  const byProject = all.flatMap((exported) =>
    exported.projects
      .filter(({ projectId }) => !isSystemProject(exported, projectId))
      .map(({ projectId, project }) => ({
        organization: nameOf(exported),
        project: project.name,
        projectId,
      })),
  );
  for (const { projectId, userId } of grants)
    if (!all.some(({ projects }) => projects.some((each) => each.projectId === projectId)))
      around.leave(names.of.get(userId) ?? userId, `roles: the export does not hold project ${projectId}.`);
  return byProject.flatMap(({ organization, project, projectId }) => {
    const byUser = new Map<string, string[]>();
    for (const { userId, roleKeys = [] } of grants.filter((each) => each.projectId === projectId)) {
      const user = names.of.get(userId);
      if (user === undefined)
        around.leave(
          `${organization} / ${project}`,
          `roles of ${userId}: the export does not hold that user.`,
        );
      else byUser.set(user, [...new Set([...(byUser.get(user) ?? []), ...roleKeys])]);
    }
    const authorizations = [...byUser].map(([user, roles]) => ({ user, roles }));
    return authorizations.length === 0 ? [] : [{ organization, project, authorizations }];
  });
}

function managersIn({ all, names, around }: Frame): Fields {
  const organizations = all.flatMap((exported) => {
    const name = nameOf(exported);
    const projects = exported.projects.flatMap(({ projectId, project }) => {
      const members = exported.projectMembers.filter((each) => each.projectId === projectId);
      const at = `${name} / ${project.name}`;
      const managers = managersOf(members, 'project', at, names, around.leave);
      return managers.length === 0 || isSystemProject(exported, projectId)
        ? []
        : [{ name: project.name, managers }];
    });
    const managers = managersOf(exported.orgMembers, 'organization', name, names, around.leave);
    return managers.length + projects.length === 0 ? [] : [{ name, ...saying({ managers, projects }) }];
  });
  return { version: 1, ...saying({ organizations }) };
}

/** Turns an export into configuration files, and names everything that nothing here is made of. */
export function convertZitadel(
  all: readonly ExportedOrganization[],
  additions: Additions,
  nowMs: number,
): Converted {
  const leftOut: LeftOut[] = [];
  const leave = (where: string, what: string): void => {
    leftOut.push({ where, what });
  };
  const names = loginNamesOf(all, nameOf, leave);
  const frame: Frame = { all, names, around: { additions, leave, nowMs } };
  const organizations = all.map((exported) => organizationOf(exported, frame));
  const people = all.map((exported) => ({
    organization: nameOf(exported),
    users: peopleOf(exported, nameOf(exported), names, frame.around),
  }));
  const authorizations = authorizationsOf(frame);
  const managers = managersIn(frame);
  const count = (of: (exported: ExportedOrganization) => number): number =>
    all.reduce((sum, exported) => sum + of(exported), 0);
  return {
    structure: { version: 1, organizations },
    people: people.filter(({ users }) => users.length > 0),
    authorizations,
    managers,
    leftOut,
    counts: {
      organizations: all.length,
      projects: organizations.reduce(
        (sum, { projects }) => sum + (Array.isArray(projects) ? projects.length : 0),
        0,
      ),
      applications: count(({ oidcApps, apiApps }) => oidcApps.length + apiApps.length),
      people: count(({ humanUsers }) => humanUsers.length),
      machines: count(({ machineUsers }) => machineUsers.length),
      authorizations: authorizations.reduce((sum, each) => sum + each.authorizations.length, 0),
    },
  };
}
