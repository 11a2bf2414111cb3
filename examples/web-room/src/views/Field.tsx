import { useId } from "preact/hooks";

/** What was wrong with one field of a form. */
export interface Fault {
  field: string;
  text: string;
}

interface Props {
  name: string;
  label: string;
  fault: Fault | undefined;
  hint?: string;
  value?: string | number | null | undefined;
  /** Takes what is left of its row. */
  grow?: boolean;
  /** Of several lines. */
  lines?: boolean;
  type?: "text" | "number" | "password";
  min?: number;
  max?: number;
  maxLength?: number;
  required?: boolean;
  placeholder?: string;
  autocomplete?: "off" | "new-password";
  autofocus?: boolean;
}

/** A field of a form with what it is for; what was wrong with it stands below it. */
export function Field({ name, label, fault, hint, value, grow, lines, type = "text", ...more }: Props) {
  const id = useId();
  const wrong = fault?.field === name ? fault.text : undefined;
  const about = wrong ? `${id}-wrong` : hint ? `${id}-hint` : undefined;
  const shared = { id, name, "aria-describedby": about, "aria-invalid": wrong !== undefined, "data-testid": `field-${name}` } as const;
  return (
    <div class={grow ? "field grow" : "field"}>
      <label for={id}>{label}</label>
      {lines
        ? <textarea {...more} {...shared} rows={3} class="mono" defaultValue={value == null ? "" : String(value)} />
        : <input {...more} {...shared} type={type as "text"} defaultValue={value == null ? "" : String(value)} />}
      {wrong ? <span id={about} class="problem" role="alert">{said(label, wrong)}</span> : hint && <span id={about} class="hint">{hint}</span>}
    </div>
  );
}

/** The server says it of the field, which it does not name: `is needed`. */
function said(label: string, text: string): string {
  return /^(is|must|holds)\b/i.test(text) ? `${label} ${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
}
