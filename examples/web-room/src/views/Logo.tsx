export function Logo() {
  return (
    <span class="logo">
      <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" class="logo-ground" />
        <g fill="#fff">
          <rect x="8" y="15" width="4" height="9" rx="1.5" />
          <rect x="14" y="8" width="4" height="16" rx="1.5" />
          <rect x="20" y="12" width="4" height="12" rx="1.5" />
        </g>
      </svg>
      vizroom
    </span>
  );
}
