import {
  Activity,
  AppWindow,
  Building2,
  CircleUser,
  FileKey,
  FolderClosed,
  House,
  LayoutDashboard,
  type LucideIcon,
  MonitorSmartphone,
  Palette,
  ScanSearch,
  ScrollText,
  Server,
  ShieldCheck,
  SlidersHorizontal,
  UserCog,
} from 'lucide-react';
import { type ComponentType, lazy, type ReactNode } from 'react';
import type { FrameMessage } from './frame/messages.ts';

/** A page of the console; those with a group stand in the sidebar. */
export interface ConsolePage {
  readonly path: string;
  readonly title: FrameMessage;
  readonly group?: 'build' | 'people' | 'operate' | 'settings' | 'top';
  readonly icon?: LucideIcon;
  /** The second key of the shortcut that begins with g. */
  readonly shortcut?: string;
  readonly Page: PageComponent;
}

/** A page whose code comes when it is wanted, or a little before. */
export type PageComponent = ComponentType & { readonly preload: () => void };

function page<T extends string>(load: () => Promise<Record<T, () => ReactNode>>, name: T): PageComponent {
  const Page = lazy(async () => {
    const Loaded: ComponentType = (await load())[name];
    return { default: Loaded };
  });
  // Code that does not come now is asked for again when the page is opened, where a failure is told.
  const preload = (): void => void load().catch(() => undefined);
  return Object.assign(Page, { preload });
}

/** Every page by its address below `/console`. */
export const consolePages: readonly ConsolePage[] = [
  {
    path: '/',
    title: 'home',
    group: 'top',
    icon: House,
    shortcut: 'h',
    Page: page(() => import('./home/home-page.tsx'), 'HomePage'),
  },
  {
    path: '/projects',
    title: 'projects',
    group: 'build',
    icon: FolderClosed,
    shortcut: 'p',
    Page: page(() => import('./projects/project-list.tsx'), 'ProjectsPage'),
  },
  {
    path: '/projects/:projectId',
    title: 'projects',
    Page: page(() => import('./projects/project-page.tsx'), 'ProjectPage'),
  },
  {
    path: '/applications',
    title: 'applications',
    group: 'build',
    icon: AppWindow,
    shortcut: 'a',
    Page: page(() => import('./applications/application-list.tsx'), 'ApplicationsPage'),
  },
  {
    path: '/applications/new',
    title: 'applications',
    Page: page(() => import('./applications/application-wizard.tsx'), 'ApplicationWizard'),
  },
  {
    path: '/applications/:applicationId',
    title: 'applications',
    Page: page(() => import('./applications/application-page.tsx'), 'ApplicationPage'),
  },
  {
    path: '/users',
    title: 'users',
    group: 'people',
    icon: CircleUser,
    shortcut: 'u',
    Page: page(() => import('./people/users-page.tsx'), 'UsersPage'),
  },
  { path: '/users/:userId', title: 'users', Page: page(() => import('./people/user-page.tsx'), 'UserPage') },
  {
    path: '/authorizations',
    title: 'authorizations',
    group: 'people',
    icon: ShieldCheck,
    shortcut: 'z',
    Page: page(() => import('./people/authorizations-page.tsx'), 'AuthorizationsPage'),
  },
  {
    path: '/sessions',
    title: 'sessions',
    group: 'people',
    icon: MonitorSmartphone,
    shortcut: 's',
    Page: page(() => import('./people/sessions-page.tsx'), 'SessionsPage'),
  },
  {
    path: '/dashboards',
    title: 'dashboards',
    group: 'operate',
    icon: LayoutDashboard,
    shortcut: 'd',
    Page: page(() => import('./operate/dashboards-page.tsx'), 'DashboardsPage'),
  },
  {
    path: '/sign-ins',
    title: 'signIns',
    group: 'operate',
    icon: Activity,
    shortcut: 'i',
    Page: page(() => import('./operate/sign-ins-page.tsx'), 'SignInsPage'),
  },
  {
    path: '/sign-ins/:signInId',
    title: 'signIns',
    Page: page(() => import('./operate/sign-in-page.tsx'), 'SignInPage'),
  },
  {
    path: '/events',
    title: 'events',
    group: 'operate',
    icon: ScrollText,
    shortcut: 'e',
    Page: page(() => import('./operate/events-page.tsx'), 'EventsPage'),
  },
  {
    path: '/explain',
    title: 'explain',
    group: 'operate',
    icon: ScanSearch,
    shortcut: 'x',
    Page: page(() => import('./operate/explain-page.tsx'), 'ExplainPage'),
  },
  {
    path: '/organizations',
    title: 'organizations',
    group: 'settings',
    icon: Building2,
    shortcut: 'o',
    Page: page(() => import('./organizations/organizations-page.tsx'), 'OrganizationsPage'),
  },
  {
    path: '/organizations/:organizationId',
    title: 'organizations',
    Page: page(() => import('./organizations/organization-page.tsx'), 'OrganizationPage'),
  },
  {
    path: '/instance',
    title: 'instance',
    group: 'settings',
    icon: Server,
    Page: page(() => import('./organizations/instance-page.tsx'), 'InstancePage'),
  },
  {
    path: '/settings',
    title: 'instanceSettings',
    group: 'settings',
    icon: SlidersHorizontal,
    Page: page(() => import('./settings/settings-pages.tsx'), 'InstanceSettingsPage'),
  },
  {
    path: '/branding',
    title: 'branding',
    group: 'settings',
    icon: Palette,
    Page: page(() => import('./settings/settings-pages.tsx'), 'BrandingPage'),
  },
  {
    path: '/organizations/:organizationId/settings',
    title: 'organizations',
    Page: page(() => import('./settings/settings-pages.tsx'), 'OrganizationSettingsPage'),
  },
  {
    path: '/organizations/:organizationId/branding',
    title: 'branding',
    Page: page(() => import('./settings/settings-pages.tsx'), 'BrandingPage'),
  },
  {
    path: '/managers',
    title: 'managers',
    group: 'settings',
    icon: UserCog,
    Page: page(() => import('./organizations/managers-page.tsx'), 'InstanceManagersPage'),
  },
  {
    path: '/keys',
    title: 'keys',
    group: 'settings',
    icon: FileKey,
    Page: page(() => import('./organizations/keys-page.tsx'), 'KeysPage'),
  },
];
