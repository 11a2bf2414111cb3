/** Somebody's initials in their colour. */
export function Avatar({ name, hue, small }: { name: string; hue: number; small?: boolean }) {
  return <span class={small ? "avatar small" : "avatar"} data-hue={hue} aria-hidden="true">{initials(name)}</span>;
}

export function initials(name: string): string {
  const parts = name.trim().split(/[\s._-]+/).filter(Boolean);
  return ((parts[0]?.[0] ?? "?") + (parts.length > 1 ? parts[parts.length - 1]?.[0] ?? "" : "")).toUpperCase();
}
