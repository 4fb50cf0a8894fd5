/**
 * The log-in of an account by a browser that is anywhere: an address to open, then a code to paste.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useChange } from "../../api/queries.ts";
import { useNow } from "../../lib/use-now.ts";
import { Button, Link } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/code.tsx";
import { TextField } from "../../ui/field.tsx";
import { ErrorState, Notice } from "../../ui/states.tsx";
import { Countdown } from "../../ui/values.tsx";
import { type AccountForm, toCompleteBody } from "./account-form.ts";
import { poolReads } from "./reads.ts";
import type { AccountLogin, AddedAccount } from "./types.ts";

type Way = "code-page" | "address-bar";

/**
 * Both steps.
 * @param props.id the account that must log in again; null: any. `onWrong`: a field of the form cannot be sent
 */
export function AccountLoginSteps({
  id,
  form,
  onWrong,
  onDone,
}: {
  id: string | null;
  form: AccountForm;
  onWrong: (fault: { field: string; reason: string } | null) => void;
  onDone: (added: AddedAccount) => void;
}): ReactNode {
  const begin = useChange("beginAccountLogin");
  const [way, setWay] = useState<Way>("code-page");
  const start = (): void => begin.mutate({ body: { via: way, ...(id === null ? {} : { id }) } });
  return (
    <div className="flex flex-col gap-4">
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 text-sm font-medium">Where the log-in ends</legend>
        {ways.map((one) => (
          <label key={one.way} className="flex items-start gap-2 text-sm">
            <input
              type="radio"
              name="way"
              className="mt-1 accent-accent"
              checked={way === one.way}
              onChange={() => {
                setWay(one.way);
                // The address of before ends elsewhere.
                begin.reset();
              }}
            />
            <span>
              {one.label}
              <span className="block text-xs text-ink-faint">{one.hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {begin.data === undefined ? (
        <div>
          <Button kind="primary" icon="user" busy={begin.isPending} onClick={start}>
            Begin log-in
          </Button>
        </div>
      ) : (
        <Complete key={begin.data.state} login={begin.data} {...{ way, form, onWrong, onDone }} onAgain={start} />
      )}
      {begin.error !== null && <ErrorState error={begin.error} compact />}
    </div>
  );
}

// --- helpers ---

const ways: readonly { way: Way; label: string; hint: string }[] = [
  {
    way: "code-page",
    label: "Google shows a code",
    hint: "For the OAuth client of Google's own command line.",
  },
  {
    way: "address-bar",
    label: "The browser ends at a page that does not open",
    hint: "For an OAuth client of your own (desktop app): copy the address of that page out of the address bar.",
  },
];

function Complete({
  login,
  way,
  form,
  onWrong,
  onDone,
  onAgain,
}: {
  login: AccountLogin;
  way: Way;
  form: AccountForm;
  onWrong: (fault: { field: string; reason: string } | null) => void;
  onDone: (added: AddedAccount) => void;
  onAgain: () => void;
}): ReactNode {
  const complete = useChange("completeAccountLogin", { refreshes: poolReads });
  const [code, setCode] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const over = useNow(1000) >= login.expiresAt;
  const send = (): void => {
    const read = toCompleteBody(login.state, code, form);
    onWrong(read.ok || read.field === "code" ? null : read);
    setFault(read.ok || read.field !== "code" ? null : read.reason);
    if (read.ok) complete.mutate({ body: read.value }, { onSuccess: onDone });
  };
  if (over)
    return (
      <Notice tone="warn" action={<Button onClick={onAgain}>Begin again</Button>}>
        The log-in was not completed in time.
      </Notice>
    );
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="flex flex-wrap items-center gap-2">
        <Link to={login.url} button="primary" icon="external">
          Open Google’s log-in
        </Link>
        <CopyButton text={login.url} label="Copy its address" />
        <span className="text-xs text-ink-soft">
          good for <Countdown until={login.expiresAt} />
        </span>
      </div>
      <p className="text-sm text-ink-soft">
        Log in there with the account that has the licence. It may be open on any machine; the code comes back by hand.
      </p>
      <TextField
        label={way === "code-page" ? "Code that Google shows" : "Address of the page that does not open"}
        hint="The code, or the whole address that has it. It is used once and kept nowhere."
        value={code}
        error={fault}
        onChange={(next) => {
          setCode(next);
          setFault(null);
        }}
      />
      {complete.error !== null && <ErrorState error={complete.error} compact />}
      <div>
        <Button kind="primary" type="submit" busy={complete.isPending}>
          Complete log-in
        </Button>
      </div>
    </form>
  );
}
