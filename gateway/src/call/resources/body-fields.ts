/**
 * The fields of requests that name resources (fact sheet upstream 1.11), and what kind of value each has. proto3 JSON takes
 * both spellings.
 * @module
 */
import { defineFields, opaque, opaqueBelow, type FieldRule, type FieldTable } from "./field-table.ts";

/** A file by its address or name. */
export const FILE = 1;
/** An address only: `url` and `uri` stand for other things too. */
export const ADDRESS = 2;
/** A whole name of any kind. */
export const NAME = 3;
export const INTERACTION = 4;
export const CONTINUATION = 5;
export const VIDEO = 6;
export const AGENT = 7;
export const ENVIRONMENT = 8;
/** A file of OpenAI's shapes: a name, or an id without `files/`. */
export const FILE_ID = 9;
export const VOICE = 10;
/** Google's own models are nobody's. */
export const MODEL = 11;

/**
 * Somebody else's data: what the model said, what the client's own code answered, descriptions of shapes, labels. Whoever
 * could name a resource there would be taken for its owner, since Google does not look at it and answers well.
 */
const foreign: Readonly<Record<string, FieldRule>> = {
  args: opaque,
  arguments: opaque,
  response: opaque,
  labels: opaque,
  partMetadata: opaque,
  part_metadata: opaque,
  customMetadata: opaque,
  custom_metadata: opaque,
  metadata: opaque,
  parameters: opaqueBelow,
  parametersJsonSchema: opaque,
  parameters_json_schema: opaque,
  responseSchema: opaque,
  response_schema: opaque,
  responseJsonSchema: opaque,
  response_json_schema: opaque,
  _responseJsonSchema: opaque,
  responseFormat: opaque,
  response_format: opaque,
  jsonSchema: opaque,
  json_schema: opaque,
};

const cacheFields: Readonly<Record<string, FieldRule>> = { cachedContent: NAME, cached_content: NAME };

const voiceFields: Readonly<Record<string, FieldRule>> = {
  voice: VOICE,
  voiceName: VOICE,
  voice_name: VOICE,
  voiceId: VOICE,
  voice_id: VOICE,
};

// proto3 JSON takes both spellings. Whatever is added to a table of generations needs a marker in body-markers.ts.

const nativeRules: Readonly<Record<string, FieldRule>> = {
  ...foreign,
  ...cacheFields,
  ...voiceFields,
  fileUri: FILE,
  file_uri: FILE,
  fileSearchStoreNames: NAME,
  file_search_store_names: NAME,
  continuationToken: CONTINUATION,
  continuation_token: CONTINUATION,
};
/** Of native generations. */
export const nativeFields: FieldTable = defineFields(nativeRules);

const chatRules: Readonly<Record<string, FieldRule>> = {
  ...foreign,
  ...cacheFields,
  ...voiceFields,
  model: MODEL,
  file: FILE,
  file_id: FILE,
  file_uri: FILE,
  url: ADDRESS,
};
/** Of OpenAI's chat and embeddings. */
export const chatFields: FieldTable = defineFields(chatRules);

/** Of all other bodies. */
export const allFields: FieldTable = defineFields({
  ...nativeRules,
  ...chatRules,
  file_id: FILE_ID,
  fileId: FILE_ID,
  file_ids: FILE_ID,
  fileIds: FILE_ID,
  input_file_id: FILE_ID,
  inputFileId: FILE_ID,
  fileName: FILE,
  file_name: FILE,
  uri: FILE,
  fileSearchStoreName: NAME,
  file_search_store_name: NAME,
  source: NAME,
  tunedModel: NAME,
  tuned_model: NAME,
  webhook: NAME,
  webhooks: NAME,
  webhookId: NAME,
  webhook_id: NAME,
  credential: NAME,
  credentials: NAME,
  credentialId: NAME,
  credential_id: NAME,
  trigger: NAME,
  triggerId: NAME,
  trigger_id: NAME,
  previous_interaction_id: INTERACTION,
  previousInteractionId: INTERACTION,
  extend_video_id: VIDEO,
  extendVideoId: VIDEO,
  agent: AGENT,
  environment: ENVIRONMENT,
  environment_id: ENVIRONMENT,
  environmentId: ENVIRONMENT,
});

/** Fields of a form that are names (fact sheet upstream 3: `POST videos` is multipart). */
export const formRules: Readonly<Record<string, FieldRule>> = {
  extend_video_id: VIDEO,
  input_file_id: FILE_ID,
  input_reference: FILE_ID,
  cached_content: NAME,
};
