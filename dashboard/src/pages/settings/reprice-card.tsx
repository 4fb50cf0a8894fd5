/**
 * Computing the costs of a past range again by the prices in force, first as a trial.
 * @module
 */
import { type ReactNode, useEffect, useState } from "react";
import { useApi, useChange } from "../../api/queries.ts";
import type { Output } from "../../api/types.ts";
import { formatCount, formatMoney } from "../../lib/format.ts";
import { type Range, spanOf } from "../../lib/range.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { RangePicker } from "../../ui/range.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { useToast } from "../../ui/toast.tsx";
import { Time } from "../../ui/values.tsx";
import { ProgressBar } from "../pool/progress-bar.tsx";

type Job = NonNullable<Output<"getReprice">["job"]>;

/** The box. */
export function RepriceCard({ isAdmin }: { isAdmin: boolean }): ReactNode {
  const toast = useToast();
  const [range, setRange] = useState<Range>({ kind: "last", last: "30d" });
  const [model, setModel] = useState("");
  const [confirming, setConfirming] = useState(false);
  const [running, setRunning] = useState(false);
  const progress = useApi("getReprice", {}, running ? { refetchMs: 1000 } : {});
  const start = useChange("reprice", { refreshes: ["getReprice"] });
  const job = progress.data?.job ?? null;
  const isRunning = job?.state === "running";
  useEffect(() => setRunning(isRunning), [isRunning]);
  const begin = async (dryRun: boolean): Promise<void> => {
    const { fromMs, toMs } = spanOf(range, Date.now());
    const name = model.trim();
    await start.mutateAsync({ body: { fromMs, toMs, dryRun, ...(name === "" ? {} : { model: name }) } });
    setRunning(true);
    toast.done(dryRun ? "The trial runs. Nothing is changed." : "Costs are being computed again.");
  };
  return (
    <Card title="Compute past costs again">
      <div className="flex flex-col gap-3">
        <p className="text-sm text-ink-soft">
          Calls keep the cost that they had when they ended. After a change of prices, a past range can be computed
          again.
        </p>
        {isAdmin && (
          <div className="flex flex-wrap items-end gap-2">
            <RangePicker value={range} onChange={setRange} />
            <TextField
              className="w-56"
              label="Model"
              hideLabel
              placeholder="all models"
              value={model}
              onChange={setModel}
            />
            <Button busy={start.isPending || isRunning} onClick={() => void begin(true).catch(toast.failed)}>
              Try first
            </Button>
            <Button kind="primary" disabled={isRunning} onClick={() => setConfirming(true)}>
              Compute again
            </Button>
          </div>
        )}
        {progress.error !== null && <ErrorState error={progress.error} compact />}
        {job !== null && <JobLine job={job} />}
      </div>
      <ConfirmDialog
        open={confirming}
        onOpenChange={setConfirming}
        title="Compute costs again?"
        body={
          <>
            Costs of the range are overwritten by the prices in force
            {model.trim() === "" ? "" : `, for ${model.trim()} only`}. Budgets of clients that are running are not
            changed.
            {job?.dryRun === true && job.state === "done" && (
              <span className="mt-2 block">
                The last trial would have changed {formatCount(job.changed)} calls by {signed(job.differenceUsd)}.
              </span>
            )}
          </>
        }
        action="Compute again"
        onConfirm={() => begin(false)}
      />
    </Card>
  );
}

// --- helpers ---

function JobLine({ job }: { job: Job }): ReactNode {
  return (
    <div className="flex flex-col gap-2 rounded-md border border-line p-3 text-sm">
      <p className="flex flex-wrap items-center gap-2">
        <StateBadge state={job.state} />
        <span className="font-medium">{job.dryRun ? "Trial" : "Computed again"}</span>
        <span className="text-ink-soft">
          <Time at={job.fromMs} /> to <Time at={job.toMs} />
        </span>
      </p>
      {job.state === "running" && (
        <ProgressBar label="Calls looked at" done={job.looked} total={Math.max(1, job.total)} />
      )}
      <p role="status" className="text-ink-soft tabular-nums">
        {formatCount(job.looked)} of about {formatCount(job.total)} calls looked at, {formatCount(job.changed)}{" "}
        {job.dryRun ? "would change" : "changed"}, difference{" "}
        <strong className="font-medium text-ink">{signed(job.differenceUsd)}</strong>
      </p>
      {job.error !== null && <p className="text-bad">{job.error}</p>}
    </div>
  );
}

function signed(usd: number): string {
  return usd > 0 ? `+${formatMoney(usd)}` : formatMoney(usd);
}
