/**
 * Stored responses of OpenAI's Responses API, sealed.
 * @module
 */
import type { Migration } from "./types.ts";

export const responses: Migration = {
  name: "0006-responses",
  up: () => [
    // By client first: nobody can put one in the place of another's.
    `create table responses (
      client_id text not null,
      id text not null,
      created_at bigint not null,
      expires_at bigint not null,
      bytes bigint not null,
      sealed text not null,
      primary key (client_id, id)
    )`,
    `create index responses_by_end on responses (expires_at)`,
  ],
};
