import { useRef } from "preact/hooks";
import { say } from "../toast";
import { Icon } from "./Icon";

interface Props {
  label: string;
  value: string;
  testid?: string;
}

/** Something to be taken elsewhere. */
export function CopyField({ label, value, testid }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      // Without TLS, or where it is forbidden, there is only the old way.
      if (!document.execCommand("copy")) return say("Copy the selected text with the keyboard", { tone: "bad" });
    }
    say("Copied");
  };
  return (
    <div class="row">
      <input ref={field} class="grow mono" readOnly value={value} aria-label={label} data-testid={testid} onFocus={(event) => event.currentTarget.select()} />
      <button type="button" data-testid={testid && `${testid}-copy`} onClick={() => void copy()}><Icon name="copy" />Copy</button>
    </div>
  );
}

/** A secret that nobody can read again. */
export function Once({ about, ...field }: Props & { about: string }) {
  return (
    <div class="note once" role="status">
      <p>{about}</p>
      <CopyField {...field} />
    </div>
  );
}
