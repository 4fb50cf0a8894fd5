/**
 * What was asked and answered, when it was kept.
 * @module
 */
import { type ReactNode, useState } from "react";
import type { ApiError } from "../../api/error.ts";
import type { Capture, Captured } from "../../api/types.ts";
import { formatBytes } from "../../lib/format.ts";
import { Link } from "../../ui/button.tsx";
import { CodeBlock } from "../../ui/code.tsx";
import { ErrorState, Notice, Skeleton } from "../../ui/states.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/values.tsx";
import { prettyBody } from "./call-facts.ts";

/** Both bodies, as text. */
export function CallBodies({
  capture,
  error,
  pending,
  admin,
}: {
  capture: Capture | null;
  error: ApiError | null;
  pending: boolean;
  admin: boolean;
}): ReactNode {
  const [side, setSide] = useState<"request" | "response">("request");
  if (!admin) return <p className="text-sm text-ink-soft">Only admins may read bodies.</p>;
  if (pending) return <Skeleton lines={3} />;
  if (capture === null && error !== null && error.status !== 404) return <ErrorState error={error} />;
  if (capture === null)
    return (
      <p className="text-sm text-ink-soft">
        None are kept of this call. What is kept, and for how long, says <code>CAPTURE</code> in{" "}
        <Link to="/settings">Settings</Link>.
      </p>
    );
  return (
    <>
      <Tabs
        label="Which body"
        value={side}
        onChange={setSide}
        tabs={[
          { value: "request", label: "Request", panel: <Message message={capture.request} name="request" /> },
          { value: "response", label: "Response", panel: <Message message={capture.response} name="response" /> },
        ]}
      />
      <p className="mt-2 text-xs text-ink-faint">
        Removed <Time at={capture.expiresAt} style="ago" />.
      </p>
    </>
  );
}

// --- helpers ---

function Message({ message, name }: { message: Captured; name: string }): ReactNode {
  const body = message.base64 ? { text: message.body, language: "base64" } : prettyBody(message.body);
  return (
    <div className="flex flex-col gap-2">
      {message.cut && (
        <Notice tone="warn">
          Cut: {formatBytes(new TextEncoder().encode(message.body).length)} of {formatBytes(message.bytes)} were kept.
        </Notice>
      )}
      {message.headers.length > 0 && (
        <details>
          <summary className="text-sm text-ink-soft">{message.headers.length} headers</summary>
          <div className="mt-1">
            <CodeBlock
              text={message.headers.map(([header, value]) => `${header}: ${value}`).join("\n")}
              language="headers"
              label={`${name} headers`}
              maxHeight="12rem"
            />
          </div>
        </details>
      )}
      {message.body === "" ? (
        <p className="text-sm text-ink-soft">No body.</p>
      ) : (
        <CodeBlock text={body.text} language={body.language} label={`${name} body`} maxHeight="28rem" />
      )}
    </div>
  );
}
