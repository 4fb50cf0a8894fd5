/**
 * Logging in: with the admin token of the first start, or with name and password.
 * @module
 */
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { lazy, type ReactNode, type SubmitEvent, Suspense, useEffect, useRef, useState } from "react";
import { call } from "../../api/client.ts";
import { type ApiError, asApiError } from "../../api/error.ts";
import { queryKey, rememberSession, useSession } from "../../api/queries.ts";
import type { Session } from "../../api/types.ts";
import { formatDuration } from "../../lib/format.ts";
import { linkTarget } from "../../lib/links.ts";
import { textField } from "../../lib/search.ts";
import { useNow } from "../../lib/use-now.ts";
import { useSearch } from "../../lib/use-search.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { ErrorState, Notice } from "../../ui/states.tsx";
import { Tabs } from "../../ui/tabs.tsx";

/** The page. */
export function LoginPage(): ReactNode {
  const session = useSession();
  const router = useRouter();
  const [search] = useSearch(shape);
  const [offer, setOffer] = useState(false);
  useEffect(() => {
    document.title = "Log in · Gemini Proxy";
  }, []);

  const authenticated = session.data?.authenticated === true;
  // Once: while the next page is loaded this one is still there, and its address has no `next` any more.
  const left = useRef(false);
  useEffect(() => {
    if (!authenticated || offer || left.current) return;
    left.current = true;
    router.history.replace(afterwards(search.next));
  }, [authenticated, offer, router, search.next]);

  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center gap-4 p-4">
      <div className="flex items-center gap-3">
        <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="32" height="32" />
        <div>
          <h1 className="text-lg font-semibold tracking-tight">Gemini Proxy</h1>
          <p className="text-sm text-ink-soft">Log in to the dashboard</p>
        </div>
      </div>
      {session.error !== null && <ErrorState error={session.error} onRetry={() => void session.refetch()} />}
      {session.data !== undefined && !authenticated && (
        <LoginForm passwordSet={session.data.passwordSet} onFirst={() => setOffer(true)} />
      )}
      {offer && (
        <Suspense>
          <PasswordDialog open onClose={() => setOffer(false)} />
        </Suspense>
      )}
    </main>
  );
}

// --- helpers ---

/** Once in the life of a gateway. */
const PasswordDialog = lazy(async () => ({ default: (await import("./password-dialog.tsx")).PasswordDialog }));

const shape = { next: textField(400) };

/** Only inside of the dashboard: an address of elsewhere would send people there after they logged in. */
function afterwards(next: string | undefined): string {
  const target = linkTarget(next ?? "/");
  return target.kind === "inside" && !target.address.startsWith("/ui/login") ? target.address : "/ui/";
}

function LoginForm({ passwordSet, onFirst }: { passwordSet: boolean; onFirst: () => void }): ReactNode {
  const client = useQueryClient();
  const [way, setWay] = useState<"password" | "token">(passwordSet ? "password" : "token");
  const [token, setToken] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [lockedUntil, setLockedUntil] = useState(0);
  const locked = useNow(500) < lockedUntil;

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const body = way === "token" ? { token: token.trim() } : { name: name.trim(), password };
      const session: Session = rememberSession(await call("createSession", { body }));
      if (way === "token" && !session.passwordSet) onFirst();
      setToken("");
      setPassword("");
      client.setQueryData(queryKey("getSession", {}), session);
    } catch (thrown) {
      const refusal = asApiError(thrown);
      // A countdown says more than "wait".
      if (refusal.retryAfterMs === null) setError(refusal);
      else setLockedUntil(Date.now() + refusal.retryAfterMs);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className="card flex flex-col gap-4 p-4" onSubmit={(event) => void submit(event)}>
      <Tabs
        label="How to log in"
        value={way}
        onChange={(next) => {
          setWay(next);
          setError(null);
        }}
        tabs={[
          { value: "password", label: "Name and password" },
          { value: "token", label: "Admin token" },
        ]}
      />
      {way === "token" ? (
        <TextField
          label="Admin token"
          type="password"
          value={token}
          onChange={setToken}
          required
          maxLength={512}
          autoFocus
          autoComplete="off"
          hint={
            <>
              Printed by the first start, or set as <code>ADMIN_TOKEN</code>.
            </>
          }
        />
      ) : (
        <>
          {!passwordSet && <Notice>Nobody has a password yet. Log in with the admin token first.</Notice>}
          <TextField
            label="Name"
            value={name}
            onChange={setName}
            required
            maxLength={64}
            autoFocus
            autoComplete="username"
          />
          <TextField
            label="Password"
            type="password"
            value={password}
            onChange={setPassword}
            required
            maxLength={256}
            autoComplete="current-password"
          />
        </>
      )}
      {error !== null && <ErrorState error={error} compact />}
      {locked && <Locked until={lockedUntil} />}
      <Button type="submit" kind="primary" busy={busy} disabled={locked}>
        Log in
      </Button>
    </form>
  );
}

function Locked({ until }: { until: number }): ReactNode {
  const seconds = Math.max(1, Math.ceil((until - useNow(500)) / 1000));
  return (
    <Notice tone="warn">
      <p role="alert">Too many failed log-ins.</p>
      <p role="timer" className="tabular-nums">
        The next one is possible in {formatDuration(seconds * 1000).replace(/\.\d+ s$/, " s")}.
      </p>
    </Notice>
  );
}
