/**
 * Build of the dashboard: static files under `/ui/`, hashed but for `index.html` and `theme.js`. Nothing inline, so that
 * a content security policy with `script-src 'self'; style-src 'self'` holds.
 * @module
 */
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type UserConfig } from "vite";

/** The gateway that `vite dev` sends API calls to. */
const gateway = process.env["GATEWAY_URL"] ?? "http://127.0.0.1:8080";

const config: UserConfig = defineConfig({
  base: "/ui/",
  plugins: [react(), tailwindcss()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        // What changes seldom apart from what changes with each release, so that browsers keep it.
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(react|react-dom|scheduler)\// },
            {
              name: "tanstack",
              test: /node_modules\/@tanstack\/(react-router|router-core|history|react-query|query-core|react-store|store)\//,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { "/admin": gateway, "/v1": gateway, "/v1beta": gateway } },
});

export default config;
