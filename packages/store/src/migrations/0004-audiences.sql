-- Who may obtain tokens for a project beyond its own organization and those it is granted to, and which applications may
-- obtain tokens for the management API.

ALTER TABLE projects
  ADD COLUMN allowed_client_ids text[] NOT NULL DEFAULT '{}',
  ADD COLUMN allowed_organization_ids text[] NOT NULL DEFAULT '{}',
  ADD COLUMN is_open_to_third_parties boolean NOT NULL DEFAULT false;

ALTER TABLE applications ADD COLUMN is_management_client boolean NOT NULL DEFAULT false;

-- The console and the command line of each instance keep their access.
UPDATE applications a SET is_management_client = true FROM instances i
  WHERE i.id = a.instance_id AND a.project_id = i.management_project_id
    AND a.client_id IN ('latchkey-console', 'latchkey-cli');
