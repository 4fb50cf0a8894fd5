/**
 * Which address is which page. The first one is loaded alone, the others once it is there.
 * @module
 */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type AnyRouter,
} from "@tanstack/react-router";
import { base } from "../lib/links.ts";
import { formatQueryText, parseQueryText } from "../lib/search.ts";
import { NotFoundPage, RouteFault } from "./faults.tsx";
import { Shell } from "./shell.tsx";

/** Makes the router, on the browser's history. */
export function createAppRouter(): AnyRouter {
  const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage, errorComponent: RouteFault });
  const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell, errorComponent: RouteFault });
  const pages: ReturnType<typeof lazyRouteComponent>[] = [];
  const page = (path: string, component: ReturnType<typeof lazyRouteComponent>) => {
    pages.push(component);
    return createRoute({ getParentRoute: () => shell, path, component, errorComponent: RouteFault });
  };

  const overview = lazyRouteComponent(() => import("../pages/overview/overview-page.tsx"), "OverviewPage");
  const tree = root.addChildren([
    createRoute({
      getParentRoute: () => root,
      path: "/login",
      component: lazyRouteComponent(() => import("../pages/login/login-page.tsx"), "LoginPage"),
      errorComponent: RouteFault,
    }),
    shell.addChildren([
      page("/", overview),
      page("/overview", overview),
      page(
        "/calls",
        lazyRouteComponent(() => import("../pages/calls/calls-page.tsx"), "CallsPage"),
      ),
      page(
        "/calls/$id",
        lazyRouteComponent(() => import("../pages/calls/call-page.tsx"), "CallPage"),
      ),
      page(
        "/pool",
        lazyRouteComponent(() => import("../pages/pool/pool-page.tsx"), "PoolPage"),
      ),
      page(
        "/clients",
        lazyRouteComponent(() => import("../pages/clients/clients-page.tsx"), "ClientsPage"),
      ),
      page(
        "/playground",
        lazyRouteComponent(() => import("../pages/playground/playground-page.tsx"), "PlaygroundPage"),
      ),
      page(
        "/connect",
        lazyRouteComponent(() => import("../pages/connect/connect-page.tsx"), "ConnectPage"),
      ),
      page(
        "/settings",
        lazyRouteComponent(() => import("../pages/settings/settings-page.tsx"), "SettingsPage"),
      ),
    ]),
  ]);
  // Otherwise a page that was not opened before cannot say that the gateway is away: the browser's own error stands there.
  setTimeout(() => {
    for (const { preload } of pages) void preload?.();
  }, othersAfterMs);
  return createRouter({
    routeTree: tree,
    basepath: base,
    trailingSlash: "preserve",
    // Plain texts: `?status=429` is neither a number nor in quotes. Pages read them through lib/use-search.ts.
    parseSearch: parseQueryText,
    stringifySearch: formatQueryText,
    defaultNotFoundComponent: NotFoundPage,
    defaultErrorComponent: RouteFault,
  });
}

// --- helpers ---

/** The first page has what it needs by then. */
const othersAfterMs = 3_000;
