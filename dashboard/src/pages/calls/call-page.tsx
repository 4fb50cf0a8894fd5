/**
 * One call under its own address.
 * @module
 */
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useApi } from "../../api/queries.ts";
import { Link } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { PageHeader } from "../../ui/page.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { CallDetail } from "./call-detail.tsx";

/** The page. */
export function CallPage(): ReactNode {
  const params: { id?: string } = useParams({ strict: false });
  const id = params.id ?? "";
  const call = useApi("getCall", { params: { id: id === "" ? "-" : id } });
  const shown = call.data?.id === id ? call.data : undefined;
  return (
    <>
      <PageHeader
        title="Call"
        actions={
          <Link to="/calls" button="secondary" icon="left">
            All calls
          </Link>
        }
      />
      {call.error?.status === 404 ? (
        <EmptyState
          title="This call is not there"
          body="Calls are kept for as long as LOG_RETENTION says; this one may have been removed since, or the address is mistyped."
          action={<Link to="/calls">All calls</Link>}
        />
      ) : (
        call.error !== null &&
        shown === undefined && <ErrorState error={call.error} onRetry={() => void call.refetch()} />
      )}
      {shown === undefined && call.error === null && <Skeleton lines={8} />}
      {shown !== undefined && (
        <Card className="max-w-5xl">
          <div className="flex flex-col gap-5">
            <CallDetail call={shown} />
          </div>
        </Card>
      )}
    </>
  );
}
