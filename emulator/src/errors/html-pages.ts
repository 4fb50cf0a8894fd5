/** @module Pages of the Google front end: what comes instead of JSON when no API is reached (fact sheet upstream 4.1). */

import type { ApiError } from "./api-error.ts";

/** 404 for a path nobody serves. */
export function notFoundPage(path: string): ApiError {
  return page(404, "Not Found", `The requested URL <code>${escapeHtml(path)}</code> was not found on this server.`);
}

/** 502 of the front end. */
export function badGatewayPage(): ApiError {
  return page(
    502,
    "Server Error",
    "The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds.",
  );
}

/** 413 of the front end. */
export function payloadTooLargePage(): ApiError {
  return page(413, "Request Entity Too Large", "Your client issued a request that was too large.");
}

// --- helpers ---

function page(status: number, title: string, text: string): ApiError {
  const html = [
    "<!DOCTYPE html>",
    "<html lang=en>",
    "  <meta charset=utf-8>",
    '  <meta name=viewport content="initial-scale=1, minimum-scale=1, width=device-width">',
    `  <title>Error ${status} (${title})!!1</title>`,
    "  <style>body{font:15px/22px arial,sans-serif;margin:7% auto 0;max-width:390px}</style>",
    "  <a href=//www.google.com/><span id=logo aria-label=Google></span></a>",
    `  <p><b>${status}.</b> <ins>That’s an error.</ins>`,
    `  <p>${text}  <ins>That’s all we know.</ins>`,
    "",
  ].join("\n");
  return { status, html };
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
