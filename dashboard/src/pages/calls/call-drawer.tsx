/**
 * One call beside the list.
 * @module
 */
import type { ReactNode } from "react";
import { useApi } from "../../api/queries.ts";
import { Link } from "../../ui/button.tsx";
import { Drawer } from "../../ui/dialog.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { CallDetail } from "./call-detail.tsx";

/** The drawer; null: closed. */
export function CallDrawer({ id, onClose }: { id: string | null; onClose: () => void }): ReactNode {
  const call = useApi("getCall", { params: { id: id ?? "-" } }, { enabled: id !== null });
  const shown = call.data?.id === id ? call.data : undefined;
  return (
    <Drawer
      open={id !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="Call"
      description={
        id !== null && (
          <Link to={`/calls/${encodeURIComponent(id)}`} icon="external">
            Open as a page
          </Link>
        )
      }
    >
      {call.error !== null && shown === undefined && (
        <ErrorState error={call.error} onRetry={() => void call.refetch()} />
      )}
      {shown === undefined && call.error === null && <Skeleton lines={8} />}
      {shown !== undefined && <CallDetail call={shown} />}
    </Drawer>
  );
}
