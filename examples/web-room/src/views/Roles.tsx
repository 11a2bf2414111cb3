import type { Role } from "@vizroom/client";

const ROLES: [Role, string, string][] = [
  ["owner", "Owner", "everything, and who is here"],
  ["editor", "Editor", "data and dashboards"],
  ["agent", "Agent", "a program: what an editor may"],
  ["viewer", "Viewer", "looks, filters and talks"],
];

interface Props {
  value: Role;
  choose: (role: Role) => void;
  label: string;
  /** All of them if absent. */
  among?: Role[];
  /** Why it cannot be changed. */
  off?: string | undefined;
  testid?: string;
}

/** What somebody may do in a room, or on a dashboard. */
export function RoleSelect({ value, choose, label, among, off, testid }: Props) {
  const offered = ROLES.filter(([role]) => !among || among.includes(role) || role === value);
  return (
    <select class="role" aria-label={label} value={value} disabled={off !== undefined} title={off} data-testid={testid}
      onChange={(event) => {
        const wanted = event.currentTarget.value as Role;
        // It shows what is, not what was asked for.
        event.currentTarget.value = value;
        choose(wanted);
      }}>
      {offered.map(([role, name]) => <option key={role} value={role}>{name}</option>)}
    </select>
  );
}

/** `Owner: everything, and who is here.` and so on, for those who have to choose. */
export function RolesExplained({ among }: { among?: Role[] }) {
  const shown = ROLES.filter(([role]) => !among || among.includes(role));
  return <p class="hint">{shown.map(([, name, about]) => `${name}: ${about}`).join(" · ")}</p>;
}
