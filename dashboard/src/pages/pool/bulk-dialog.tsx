/**
 * Asks before a change to many credentials: says first what would happen (a dry run), then shows how far it is and what
 * came of it.
 * @module
 */
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { call } from "../../api/client.ts";
import { type ApiError, asApiError } from "../../api/error.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { useToast } from "../../ui/toast.tsx";
import { poolReads } from "./reads.ts";
import { type BulkOffer, type BulkProgress, concerned, groupResults, runBulk } from "./bulk.ts";
import { ProgressBar } from "./progress-bar.tsx";

/** The dialog of one action on chosen credentials. */
export function BulkDialog({
  offer,
  ids,
  nameOf,
  onClose,
  onDone,
}: {
  offer: BulkOffer;
  ids: readonly string[];
  /** Name of a credential, or its id when it is not loaded. */
  nameOf: (id: string) => string;
  onClose: () => void;
  /** It went through. */
  onDone: () => void;
}): ReactNode {
  const queries = useQueryClient();
  const toast = useToast();
  const [project, setProject] = useState("");
  const [preview, setPreview] = useState<BulkProgress | null>(null);
  const [progress, setProgress] = useState<BulkProgress | null>(null);
  const [finished, setFinished] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const stop = useRef<AbortController | null>(null);
  const named = project.trim();
  const ready = !offer.needsProject || named !== "";

  const run = (dryRun: boolean, onProgress: (progress: BulkProgress) => void): Promise<BulkProgress> => {
    const controller = new AbortController();
    stop.current = controller;
    return runBulk({
      ids,
      action: offer.action,
      dryRun,
      signal: controller.signal,
      send: (part) =>
        call("changeCredentials", {
          body: { ids: part, action: offer.action, dryRun, ...(offer.needsProject ? { projectId: named } : {}) },
        }),
      onProgress,
    });
  };

  // A project is asked for first; the dry run waits until its name was not touched for a moment.
  useEffect(() => {
    if (!ready) return undefined;
    setPreview(null);
    const timer = setTimeout(
      () => {
        run(true, () => undefined).then(setPreview, (thrown: unknown) => setError(asApiError(thrown)));
      },
      offer.needsProject ? 400 : 0,
    );
    return () => {
      clearTimeout(timer);
      stop.current?.abort();
    };
    // What is done is fixed while the dialog is open, but for the project.
  }, [ready, named]);

  const start = async (): Promise<void> => {
    setError(null);
    setProgress({ done: 0, total: ids.length, changed: 0, results: [], stopped: false });
    try {
      const result = await run(false, setProgress);
      setProgress(result);
      const count = offer.action === "check" ? result.done : result.changed;
      toast.done(`${offer.label}: ${count} of ${result.total} credentials${result.stopped ? ", then stopped" : ""}.`);
      onDone();
      if (result.results.length === 0 && !result.stopped) onClose();
    } catch (thrown) {
      setError(asApiError(thrown));
    } finally {
      setFinished(true);
      await Promise.all(poolReads.map((read) => queries.invalidateQueries({ queryKey: [read] })));
    }
  };

  const running = progress !== null && !finished;
  const shown = progress ?? preview;
  return (
    <Dialog
      open
      keepOpen
      onOpenChange={(open) => {
        if (open || running) return;
        onClose();
      }}
      title={`${offer.label} ${ids.length.toLocaleString("en-US")} ${ids.length === 1 ? "credential" : "credentials"}?`}
      actions={
        finished ? (
          <Button kind="primary" onClick={onClose}>
            Close
          </Button>
        ) : (
          <>
            {running ? (
              <Button onClick={() => stop.current?.abort()}>Stop</Button>
            ) : (
              <Button onClick={onClose}>Cancel</Button>
            )}
            <Button
              kind={offer.danger ? "danger" : "primary"}
              busy={running}
              disabled={!ready || preview === null || concerned(offer.action, preview) === 0}
              onClick={() => void start()}
            >
              {preview === null
                ? offer.label
                : `${offer.label} ${concerned(offer.action, preview).toLocaleString("en-US")}`}
            </Button>
          </>
        )
      }
    >
      <p className="text-sm text-ink-soft">{offer.body}</p>
      {offer.needsProject && (
        <TextField
          label="Google project"
          value={project}
          disabled={progress !== null}
          onChange={setProject}
          hint="The project's id, such as my-project-123."
          maxLength={200}
        />
      )}
      {error !== null && <ErrorState error={error} compact />}
      {ready && shown === null && error === null && <Skeleton lines={2} />}
      {progress !== null && (
        <div className="flex flex-col gap-1">
          <ProgressBar label="Done" done={progress.done} total={progress.total} />
          <p role="status" className="text-xs text-ink-soft tabular-nums">
            {progress.done.toLocaleString("en-US")} of {progress.total.toLocaleString("en-US")}
          </p>
        </div>
      )}
      {shown !== null && <Outcome offer={offer} shown={shown} isPreview={progress === null} nameOf={nameOf} />}
    </Dialog>
  );
}

// --- helpers ---

function Outcome({
  offer,
  shown,
  isPreview,
  nameOf,
}: {
  offer: BulkOffer;
  shown: BulkProgress;
  isPreview: boolean;
  nameOf: (id: string) => string;
}): ReactNode {
  const groups = groupResults(shown.results);
  return (
    <div className="flex flex-col gap-2 text-sm">
      <p>
        {offer.action === "check"
          ? isPreview
            ? "Would ask about "
            : "Asked about "
          : isPreview
            ? "Would change "
            : "Changed "}
        <strong className="tabular-nums">
          {(offer.action !== "check"
            ? shown.changed
            : isPreview
              ? concerned("check", shown)
              : shown.done
          ).toLocaleString("en-US")}
        </strong>{" "}
        of {shown.total.toLocaleString("en-US")}
        {shown.stopped && "; stopped"}.
      </p>
      {groups.length > 0 && (
        <ul className="flex max-h-56 flex-col gap-2 overflow-y-auto rounded-md border border-line p-2 text-xs">
          {groups.map((group) => (
            <li key={group.status}>
              <span className="font-medium">
                {group.ids.length.toLocaleString("en-US")} × {group.status}
              </span>
              {group.words !== null && <span className="text-ink-soft">: {group.words}</span>}
              <span className="block break-words text-ink-faint">
                {group.ids.slice(0, 8).map(nameOf).join(", ")}
                {group.ids.length > 8 && ` and ${group.ids.length - 8} more`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
