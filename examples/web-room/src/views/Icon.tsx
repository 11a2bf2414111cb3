/** Every icon of the page, on a grid of 20, drawn with a stroke of the text's colour. */
const PATHS = {
  close: "M5 5l10 10M15 5L5 15",
  plus: "M10 4v12M4 10h12",
  back: "M12 4l-6 6 6 6",
  down: "M5 8l5 5 5-5",
  right: "M8 5l5 5-5 5",
  more: "M5 10h.01M10 10h.01M15 10h.01",
  send: "M4 10h11M10 5l5 5-5 5",
  upload: "M10 13V4M6 8l4-4 4 4M4 13v3h12v-3",
  file: "M6 3h5l4 4v10H6zM11 3v4h4",
  board: "M3 4h6v7H3zM11 4h6v4h-6zM11 10h6v6h-6zM3 13h6v3H3z",
  chat: "M4 5h12v8H9l-3 3v-3H4z",
  panel: "M3 4h14v12H3zM8 4v12",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1",
  moon: "M16 11.5A6.5 6.5 0 0 1 8.5 4a6.5 6.5 0 1 0 7.5 7.5z",
  check: "M4 10.5l4 4 8-9",
  warn: "M10 3.5l7 12.5H3zM10 8v3.5M10 13.8h.01",
  info: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M10 9v4.5M10 6.5h.01",
  question: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M8 8a2 2 0 1 1 2.8 1.8c-.6.3-.8.7-.8 1.4M10 13.6h.01",
  spark: "M10 3l1.6 4.4L16 9l-4.4 1.6L10 15l-1.6-4.4L4 9l4.4-1.6z",
  trash: "M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6",
  people: "M7.5 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M3 16c.3-2.6 2-4 4.5-4s4.2 1.4 4.5 4M13 9.500a2 2 0 1 0-.8-3.800M14 12.200c1.7.3 2.8 1.6 3 3.8",
  code: "M7 6l-4 4 4 4M13 6l4 4-4 4",
  download: "M10 4v9M6 9l4 4 4-4M4 16h12",
  edit: "M4 16l.8-3.200L13 4.500l2.5 2.5-8.2 8.200z",
  leave: "M8 4H4v12h4M12 6.500l3.5 3.5-3.5 3.500M15 10H8",
  bar: "M4 16V9h3v7zM8.5 16V4h3v12zM13 16v-5h3v5z",
  line: "M3 14l4-5 4 3 6-7",
  area: "M3 16v-3l4-4 4 3 6-6v10z",
  pie: "M10 3v7h7a7 7 0 1 1-7-7zM12.5 3.500a7 7 0 0 1 4 4h-4z",
  table: "M3 4h14v12H3zM3 8h14M3 12h14M8 4v12",
  up: "M10 16V5M5.5 9.500L10 5l4.5 4.5",
  fall: "M10 4v11M5.5 10.500L10 15l4.5-4.5",
  link: "M8.5 11.500l3-3M9 6l1.5-1.500a3 3 0 0 1 4.5 4.500L13.5 10.500M11 14l-1.5 1.500a3 3 0 0 1-4.5-4.500L6.5 9.5",
  print: "M6 7V3h8v4M6 14H3V7h14v7h-3M6 11.500h8V17H6z",
  filter: "M3 5h14l-5.5 6v5l-3-1.500V11z",
  stop: "M6 6h8v8H6z",
  bell: "M6 13V9a4 4 0 0 1 8 0v4l1.5 1.500h-11zM8.500 16.500h3",
  pause: "M7.5 5v10M12.5 5v10",
  play: "M7 5l8 5-8 5z",
  copy: "M7 7h9v9H7zM4 12V4h8",
  key: "M7.5 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6M9.800 10L16 4M13.500 6.500l2 2",
  gear: "M10 7.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5M10 3v2M10 15v2M3 10h2M15 10h2M5 5l1.500 1.500M13.500 13.500L15 15M5 15l1.500-1.500M13.500 6.500L15 5",
  mail: "M3 5h14v10H3zM3 6l7 5 7-5",
  list: "M4 6h.01M4 10h.01M4 14h.01M7.500 6H16M7.500 10H16M7.500 14H16",
  database: "M4 5.500c0-1.400 2.700-2.500 6-2.500s6 1.100 6 2.500-2.700 2.500-6 2.500-6-1.100-6-2.500M4 5.500v9c0 1.400 2.700 2.500 6 2.500s6-1.100 6-2.500v-9M4 10c0 1.400 2.700 2.500 6 2.500s6-1.100 6-2.500",
  relation: "M3 4h6v5H3zM11 11h6v5h-6zM6 9v4.500h5",
  retry: "M15.5 8A6 6 0 1 0 16 11M16 4.500V8h-3.5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
