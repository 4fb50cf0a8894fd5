/**
 * Frame of every page behind the log-in: navigation, who is logged in, theme, zone.
 * @module
 */
import { Outlet, useLocation, useRouter } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { useApi, useSession } from "../api/queries.ts";
import { base } from "../lib/links.ts";
import { formatQueryText } from "../lib/search.ts";
import { ErrorState, Skeleton } from "../ui/states.tsx";
import { Button, IconButton, Link } from "../ui/button.tsx";
import { Icon, type IconName } from "../ui/icons.tsx";
import { ZonePicker } from "../ui/range.tsx";
import { AccountMenu } from "./account.tsx";

/** The frame; leads to the log-in page when nobody is logged in. */
export function Shell(): ReactNode {
  const session = useSession();
  if (session.data === undefined) {
    if (session.error !== null)
      return (
        <main className="mx-auto max-w-lg p-4">
          <ErrorState error={session.error} onRetry={() => void session.refetch()} />
        </main>
      );
    return <Waiting />;
  }
  if (!session.data.authenticated) return <ToLogin />;
  return (
    <Frame
      name={session.data.operator?.name ?? ""}
      role={session.data.operator?.role ?? "viewer"}
      version={session.data.version}
    />
  );
}

// --- helpers ---

/** Only small screens need it. */
const Drawer = lazy(async () => ({ default: (await import("../ui/dialog.tsx")).Drawer }));

const pages: readonly { path: string; label: string; icon: IconName }[] = [
  { path: "/", label: "Overview", icon: "overview" },
  { path: "/pool", label: "Pool", icon: "pool" },
  { path: "/clients", label: "Clients", icon: "clients" },
  { path: "/calls", label: "Calls", icon: "calls" },
  { path: "/playground", label: "Playground", icon: "playground" },
  { path: "/connect", label: "Connect", icon: "connect" },
  { path: "/settings", label: "Settings", icon: "settings" },
];

/** Leads to the log-in, once, and from there back to here. */
function ToLogin(): ReactNode {
  const router = useRouter();
  useEffect(() => {
    const { href } = router.history.location;
    // Already on the way: this part is drawn until the log-in page has been loaded.
    if (href.startsWith(`${base}/login`)) return;
    router.history.replace(`${base}/login${href === `${base}/` ? "" : formatQueryText({ next: href })}`);
  }, [router]);
  return <Waiting />;
}

function Waiting(): ReactNode {
  return (
    <main className="mx-auto max-w-lg p-8">
      <Skeleton lines={3} />
    </main>
  );
}

function Frame({ name, role, version }: { name: string; role: string; version: string }): ReactNode {
  const [open, setOpen] = useState(false);
  const path = useLocation({ select: ({ pathname }) => pathname });
  const content = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    setOpen(false);
    if (first.current) {
      first.current = false;
      return;
    }
    // Whoever hears the page must learn that it is another one now.
    content.current?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [path]);
  return (
    <div className="lg:grid lg:min-h-dvh lg:grid-cols-[13rem_minmax(0,1fr)]">
      <a href="#content" className="skip-link">
        Skip to the content
      </a>
      <aside className="sticky top-0 hidden h-dvh flex-col gap-4 border-r border-line bg-surface p-3 lg:flex">
        <Brand />
        <PageLinks path={path} />
        <div className="mt-auto flex flex-col gap-2">
          <p className="px-2.5 text-xs text-ink-faint">Version {version}</p>
        </div>
      </aside>
      <div className="min-w-0">
        <header className="sticky top-0 z-30 flex h-12 items-center justify-between gap-2 border-b border-line bg-surface px-3 sm:px-4">
          <div className="flex min-w-0 items-center gap-2 lg:hidden">
            <IconButton icon="menu" label="Menu" onClick={() => setOpen(true)} />
            <Brand />
          </div>
          <AttentionCount />
          <div className="ml-auto flex min-w-0 items-center gap-1.5">
            <ZonePicker />
            <AccountMenu name={name} role={role} />
          </div>
        </header>
        <main id="content" ref={content} className="mx-auto flex max-w-[100rem] flex-col gap-4 p-3 pb-12 sm:p-4 lg:p-6">
          <Suspense fallback={<Skeleton lines={4} />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      {open && (
        <Suspense>
          <Drawer open onOpenChange={setOpen} title="Gemini Proxy" description={`Version ${version}`}>
            <PageLinks path={path} />
          </Drawer>
        </Suspense>
      )}
    </div>
  );
}

function Brand(): ReactNode {
  return (
    <Link to="/" plain className="flex h-9 min-w-0 items-center gap-2 px-1 font-semibold tracking-tight text-ink">
      <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="22" height="22" />
      <span className="truncate max-[26rem]:sr-only">Gemini Proxy</span>
    </Link>
  );
}

function PageLinks({ path }: { path: string }): ReactNode {
  return (
    <nav aria-label="Pages">
      <ul className="flex flex-col gap-0.5">
        {pages.map((page) => {
          const here = page.path === "/" ? path === "/" || path === "/overview" : path.startsWith(page.path);
          return (
            <li key={page.path}>
              <Link to={page.path} plain className="nav-link" aria-current={here ? "page" : undefined}>
                <Icon name={page.icon} />
                {page.label}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

/** How many things need a person; the overview lists them. */
function AttentionCount(): ReactNode {
  const attention = useApi("getAttention", {}, { refetchMs: 30_000 });
  if (attention.error !== null)
    return (
      <Button
        size="small"
        kind="quiet"
        icon="warning"
        onClick={() => void attention.refetch()}
        title={attention.error.message}
      >
        <span className="max-sm:sr-only">Not up to date</span>
      </Button>
    );
  const urgent = attention.data?.items.filter(({ severity }) => severity !== "info") ?? [];
  if (urgent.length === 0) return null;
  const critical = urgent.some(({ severity }) => severity === "critical");
  return (
    <Link to="/#attention" plain className={`badge h-7 ${critical ? "badge-bad" : "badge-warn"}`}>
      <Icon name={critical ? "error" : "warning"} size={13} />
      {urgent.length}
      <span className="max-sm:sr-only">{urgent.length === 1 ? "needs attention" : "need attention"}</span>
    </Link>
  );
}
