import { useEffect, useState } from "preact/hooks";
import { providerAddress, providers, type Provider } from "../account";
import { remember } from "./SigningIn";

/** A button for each provider that people may sign in by; nothing without one. */
export function Providers({ invitation }: { invitation: string | undefined }) {
  const [known, setKnown] = useState<Provider[]>([]);
  useEffect(() => void providers().then(setKnown), []);
  if (known.length === 0) return null;
  return (
    <div class="stack">
      <div class="or"><span>or</span></div>
      {known.map(({ name, label }) => (
        <a key={name} class="button wide" href={providerAddress(name, invitation)} data-testid="provider" data-name={name}
          onClick={remember}>
          Continue with {label}
        </a>
      ))}
    </div>
  );
}
