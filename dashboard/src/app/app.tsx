/**
 * Everything around the pages.
 * @module
 */
import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { createQueryClient } from "../api/queries.ts";
import { ToastProvider } from "../ui/toast.tsx";
import { createAppRouter } from "./router.tsx";

/** The whole app. */
export function App(): ReactNode {
  const [queryClient] = useState(createQueryClient);
  const [router] = useState(createAppRouter);
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </QueryClientProvider>
    </CSPProvider>
  );
}
