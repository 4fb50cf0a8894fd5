/**
 * What is seen when a page does not exist, or breaks.
 * @module
 */
import type { ErrorComponentProps } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { asApiError } from "../api/error.ts";
import { Button, Link } from "../ui/button.tsx";
import { EmptyState, ErrorState } from "../ui/states.tsx";

/** There is no such page. */
export function NotFoundPage(): ReactNode {
  useEffect(() => {
    document.title = "Not found · Gemini Proxy";
  }, []);
  return (
    <main className="mx-auto max-w-lg p-4 text-center">
      <h1 className="mt-8 text-lg font-semibold">There is no such page</h1>
      <EmptyState
        title="Nothing is here"
        body="The address may be mistyped, or from another version of the dashboard."
        action={
          <Link to="/" button="primary">
            To the overview
          </Link>
        }
      />
    </main>
  );
}

/** A page broke while it was drawn or loaded. The others still work. */
export function RouteFault({ error, reset }: ErrorComponentProps): ReactNode {
  // After an update of the gateway the parts of the old dashboard are gone.
  const outdated = /dynamically imported module|Importing a module script failed/i.test(asApiError(error).message);
  const shown = outdated
    ? {
        message: "A part of the dashboard could not be loaded.",
        next: "The gateway may have been updated. Reload the page.",
      }
    : asApiError(error);
  return (
    <div className="mx-auto max-w-2xl p-4">
      <h1 className="text-lg font-semibold">This page does not work</h1>
      <ErrorState error={shown} />
      <div className="flex gap-2">
        <Button kind="primary" icon="refresh" onClick={() => (outdated ? location.reload() : reset())}>
          {outdated ? "Reload" : "Try again"}
        </Button>
        <Link to="/" button="secondary">
          To the overview
        </Link>
      </div>
    </div>
  );
}
